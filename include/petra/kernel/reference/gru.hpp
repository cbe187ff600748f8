// Gated recurrent unit over a sequence, the specification.
//
// r = s(Wr x + bir + Ur h + bhr)    z = s(Wz x + biz + Uz h + bhz)    s: logistic function
// n = tanh(Wn x + bin + r (Un h + bhn))    h' = (1 - z) n + z h
//
// x (T,C), h (H), W (3,H,C), U (3,H,H), biases bi, bh (3,H), gates in the order r, z, n; y (T,H): the state after every
// step. PyTorch's GRU; Keras's with reset_after = True has the order z, r, n. Assigns y.
// Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014, section 2.3.
#pragma once
#include <cmath>

#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct recurrent_dims {
  index_t steps = 1, in = 1, hidden = 1;
};

template <scalar T>
T logistic(T x) {
  return T(1) / (T(1) + std::exp(-x));
}

// bias + row . x
template <scalar T>
constexpr T gate_sum(index_t n, T bias, T const* row, T const* x) {
  for (index_t i = 0; i < n; ++i) bias += row[i] * x[i];
  return bias;
}

template <scalar T>
void gru(scalar_tag, recurrent_dims const& d, T const* x, T const* h, T const* w, T const* u, T const* input_bias,
         T const* state_bias, T* y) {
  index_t const n = d.hidden;
  for (index_t t = 0; t < d.steps; ++t, x += d.in, h = y, y += n)
    for (index_t o = 0; o < n; ++o) {
      auto const of_input = [&](index_t g) { return gate_sum(d.in, input_bias[g * n + o], w + (g * n + o) * d.in, x); };
      auto const of_state = [&](index_t g) { return gate_sum(n, state_bias[g * n + o], u + (g * n + o) * n, h); };
      T const r = logistic(of_input(0) + of_state(0)), z = logistic(of_input(1) + of_state(1));
      T const fresh = std::tanh(of_input(2) + r * of_state(2));
      y[o] = (T(1) - z) * fresh + z * h[o];
    }
}

}  // namespace petra::kernel
