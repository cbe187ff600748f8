// The same elements under another shape, where they lie.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct reshape_op {
  static constexpr bool puts_off = true;
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    t.share(y, y.in[0]);
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T const* const dy = y.grad;
    if (t.pass_on(y, y.in[0])) return;
    auto const g = t.sink(y.in[0]);
    if (g.data == nullptr) return;
    auto const& x = t.shape(y.in[0]);
    index_t const sample = x.count() / std::max<index_t>(x[0], 1);
    t.later(pieces_of_values(x[0], sample), sample, [dy, g, sample](slice const& s) {
      kernel::add_to(kernel::best, s.count() * sample, dy + s.first * sample, g.data + s.first * sample);
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

// Throws: shape_error when the numbers of elements differ.
template <scalar T>
var reshape(tape<T>& t, var x, petra::shape s) {
  if (s.count() != t.shape(x).count())
    throw_error<shape_error>({"reshape: expected ", t.shape(x).count(), " elements, found a shape of ", s.count()});
  return t.push(reshape_op{}, s, {x, var{}, var{}, var{}});
}

template <scalar T>
var reshape_op::example(tape<T>& t, random& r) {
  return reshape(t, draw(t, r, {2, 3, 2}), {3, 4});
}

}  // namespace petra::ops
