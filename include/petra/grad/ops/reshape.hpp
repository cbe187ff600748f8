// The same elements under another shape.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct reshape_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    std::copy_n(t.value(y.in[0]), y.shape.count(), y.value);
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    if (T* const g = t.add_to(y.in[0]); g != nullptr) kernel::add_to(kernel::best, y.shape.count(), y.grad, g);
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
