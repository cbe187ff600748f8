// y = a + factor b, or factor b alone: weighted sums of losses, the scaled product of a LoRA weight.
#pragma once
#include "petra/grad/ops/example.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct add_scaled_op {
  T factor;

  void forward(tape<T>& t, node<T> const& y) const {
    T const *const a = y.in[1] ? t.value(y.in[1]) : nullptr, *const b = t.value(y.in[0]);
    index_t const n = y.shape.count();
    for (index_t i = 0; i < n; ++i) y.value[i] = a != nullptr ? a[i] + factor * b[i] : factor * b[i];
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    index_t const n = y.shape.count();
    for (std::size_t k = 0; k < 2; ++k) {
      T* const g = t.add_to(y.in[k]);
      if (g == nullptr) continue;
      T const scale = k == 0 ? factor : T(1);
      for (index_t i = 0; i < n; ++i) g[i] += scale * y.grad[i];
    }
  }
  static var example(tape<T>& t, random& r);
};

// a may be var{}. Throws: shape_error when the shapes differ.
template <scalar T>
var add_scaled(tape<T>& t, var a, var b, T factor) {
  if (a && t.shape(a) != t.shape(b))
    throw_error<shape_error>({"add_scaled: expected two equal shapes, found ", t.shape(a).count(), " and ",
                              t.shape(b).count(), " elements with ", t.shape(a).back(), " and ", t.shape(b).back(),
                              " channels"});
  return t.push(add_scaled_op<T>{factor}, t.shape(b), {b, a});
}

template <scalar T>
var add_scaled_op<T>::example(tape<T>& t, random& r) {
  var const a = draw(t, r, {2, 7});
  return add_scaled(t, add_scaled(t, a, draw(t, r, {2, 7}), T(-0.3)), add_scaled(t, var{}, a, T(2)), T(1.5));
}

}  // namespace petra::ops
