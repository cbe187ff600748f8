// y = a + b, equal shapes.
#pragma once
#include "petra/grad/ops/affine_closure.hpp"
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct add_op {
  static constexpr bool puts_off = true;
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    auto const a = affine_closure<T>::term(t, y.in[0]), b = affine_closure<T>::term(t, y.in[1]);
    put_off_sum(t, y, a, b, false);
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    index_t const sample = y.shape.count() / std::max<index_t>(y.shape[0], 1);
    // The second first: what is passed on may be changed.
    for (std::size_t i : {1u, 0u}) {
      T const* const dy = y.grad;
      if (i == 0 && t.pass_on(y, y.in[0])) continue;
      auto const g = t.sink(y.in[i]);
      if (g.data == nullptr) continue;
      t.later(pieces_of_values(y.shape[0], sample), sample, [dy, g, sample](slice const& s) {
        T const* const from = dy + s.first * sample;
        if (g.fresh)
          std::copy_n(from, s.count() * sample, g.data + s.first * sample);
        else
          kernel::add_to(kernel::best, s.count() * sample, from, g.data + s.first * sample);
      });
    }
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

// Throws: shape_error when the shapes differ.
template <scalar T>
var add(tape<T>& t, var a, var b) {
  if (t.shape(a) != t.shape(b)) {
    auto text = [](petra::shape const& s) {
      std::string axes;
      for (index_t i = 0; i < s.rank; ++i) append(axes, {i == 0 ? "" : "x", s[i]});
      return axes;
    };
    throw_error<shape_error>({"add: expected two equal shapes, found ", text(t.shape(a)), " and ", text(t.shape(b)),
                              "; a residual body must keep the shape of its input"});
  }
  return t.push(add_op{}, t.shape(a), {a, b, var{}, var{}});
}

template <scalar T>
var add_op::example(tape<T>& t, random& r) {
  var const a = draw(t, r, {2, 7});
  return add(t, add(t, a, draw(t, r, {2, 7})), a);  // a is shared
}

}  // namespace petra::ops
