// y = max(x, 0). The gradient at 0 is 0.
#pragma once
#include "petra/grad/ops/affine_closure.hpp"
#include "petra/grad/ops/example.hpp"
#include "petra/grad/ops/matmul.hpp"
#include "petra/kernel/simd/relu.hpp"

namespace petra::inline PETRA_ABI::ops {

struct relu_op {
  static constexpr bool puts_off = true, takes_late = true;
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    // A ReLU is not taken over: its own pullback reads what it computes.
    if (auto const* const product = t.template lazy_closure<product_closure<T>>(y.in[0]);
        product != nullptr && product->f == kernel::activation::none && y.shape.rank > 1) {
      product_closure<T> own = *product;
      own.to = y.value;
      own.f = kernel::activation::relu;
      index_t const most = own.rows * std::max(own.c, own.o);
      return t.if_asked(y, pieces_of_values(y.shape[0], most), most, own);
    }
    auto const* const sum = t.template lazy_closure<affine_closure<T>>(y.in[0]);
    if (sum != nullptr && !sum->relu)
      put_off_sum(t, y, sum->a, sum->b, true);
    else
      put_off_sum(t, y, {.x = t.place(y.in[0])}, {}, true);
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T const* const value = y.value;
    index_t const sample = y.shape.count() / std::max<index_t>(y.shape[0], 1);
    if (t.pass_on_late(y, y.in[0], [value, sample](slice const& s, T* to) {
          kernel::relu_mask(kernel::best, s.count() * sample, value + s.first * sample, static_cast<T const*>(to), to);
        }))
      return;
    T* const dy = y.grad;
    auto const g = t.pass_on(y, y.in[0]) ? typename tape<T>::gradient{dy, true} : t.sink(y.in[0]);
    if (g.data == nullptr) return;
    t.later(pieces_of_values(y.shape[0], sample), sample, [value, dy, g, sample](slice const& s) {
      index_t const at = s.first * sample, n = s.count() * sample;
      if (g.fresh)
        kernel::relu_mask(kernel::best, n, value + at, static_cast<T const*>(dy + at), g.data + at);
      else
        kernel::relu_backward(kernel::best, n, value + at, static_cast<T const*>(dy + at), g.data + at);
    });
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
  return relu(t, relu(t, draw(t, r, {3, 19}, T(0.01))));
}

}  // namespace petra::ops
