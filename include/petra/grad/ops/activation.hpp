// y = f(x), element by element, for every f of kernel::activations: sigmoid, tanh, gelu (exact), gelu_tanh, silu, relu6,
// hard_swish, leaky_relu. One op for all: an activation of your own is a struct like those there (`of`, `slope`, `of_result`)
// and two overloads for vectors (kernel/simd/activation.hpp).
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/activation.hpp"

namespace petra::inline PETRA_ABI::ops {

template <class F>
struct activation_op {
  F f;
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    index_t const c = y.shape.back();
    T const* const x = t.value(y.in[0]);
    t.in_pieces(rows(y.shape), [&, this](index_t first, index_t last, kernel::workspace&) {
      kernel::activate<F>(kernel::best, (last - first) * c, x + first * c, y.value + first * c, f);
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    index_t const c = y.shape.back();
    T const* const at = F::of_result ? y.value : t.value(y.in[0]);
    t.in_pieces(rows(y.shape), [&, this](index_t first, index_t last, kernel::workspace&) {
      kernel::activate_backward<F>(kernel::best, (last - first) * c, at + first * c, y.grad + first * c, g + first * c,
                                   f);
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);

 private:
  static pieces rows(petra::shape const& s) { return pieces_of(s.rows(), s.back(), 1 << 15); }
};

template <class F, scalar T>
var activate(tape<T>& t, var x, F f = {}) {
  return t.push(activation_op<F>{f}, t.shape(x), {x});
}

// Far from the kinks at 0, 3 and 6 on average; draws of these seeds are nowhere near one.
template <class F>
template <scalar T>
var activation_op<F>::example(tape<T>& t, random& r) {
  return activate<F>(t, activate<F>(t, draw(t, r, {3, 19}, T(0.01))));
}

}  // namespace petra::ops
