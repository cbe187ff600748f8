// y = a * b, element by element: the mask of a pruned weight, and weighted sums of losses.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct multiply_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    kernel::multiply(kernel::best, y.shape.count(), t.value(y.in[0]), t.value(y.in[1]), y.value);
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    for (std::size_t i = 0; i < 2; ++i)
      if (T* const g = t.add_to(y.in[i]); g != nullptr)
        kernel::multiply_add(kernel::best, y.shape.count(), y.grad, t.value(y.in[1 - i]), g);
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

// Throws: shape_error when the numbers of elements differ.
template <scalar T>
var multiply(tape<T>& t, var a, var b) {
  if (t.shape(a).count() != t.shape(b).count())
    throw_error<shape_error>({"multiply: expected ", t.shape(a).count(), " factors, found ", t.shape(b).count()});
  return t.push(multiply_op{}, t.shape(a), {a, b, var{}, var{}});
}

template <scalar T>
var multiply_op::example(tape<T>& t, random& r) {
  var const a = draw(t, r, {4, 5});
  return multiply(t, multiply(t, a, draw(t, r, {4, 5})), a);
}

}  // namespace petra::ops
