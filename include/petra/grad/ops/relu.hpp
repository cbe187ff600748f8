// y = max(x, 0). The gradient at 0 is 0.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/relu.hpp"

namespace petra::inline PETRA_ABI::ops {

struct relu_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    kernel::relu(kernel::best, y.shape.count(), t.value(y.in[0]), y.value);
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    if (T* const g = t.add_to(y.in[0]); g != nullptr)
      kernel::relu_backward(kernel::best, y.shape.count(), y.value, y.grad, g);
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

template <scalar T>
var relu(tape<T>& t, var x) {
  return t.push(relu_op{}, t.shape(x), {x, var{}, var{}, var{}});
}

template <scalar T>
var relu_op::example(tape<T>& t, random& r) {
  return relu(t, draw(t, r, {3, 19}, T(0.01)));
}

}  // namespace petra::ops
