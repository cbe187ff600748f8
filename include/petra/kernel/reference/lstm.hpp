// Long short-term memory over a sequence, the specification.
//
// i, f, o = s(W x + U h + b) of their gates    g = tanh(Wg x + Ug h + bg)    s: logistic function
// c' = f c + i g    h' = o tanh(c')
//
// x (T,C), h (H), c (H): replaced by the last cell state, W (4,H,C), U (4,H,H), b (4,H), gates in the order i, f, g, o;
// y (T,H): the state after every step. Assigns y.
// Source: Gers, Schmidhuber, Cummins, "Learning to forget", 2000.
#pragma once
#include "petra/kernel/reference/gru.hpp"

namespace petra::inline PETRA_ABI::kernel {

template <scalar T>
void lstm(scalar_tag, recurrent_dims const& d, T const* x, T const* h, T* c, T const* w, T const* u, T const* bias,
          T* y) {
  index_t const n = d.hidden;
  for (index_t t = 0; t < d.steps; ++t, x += d.in, h = y, y += n)
    for (index_t o = 0; o < n; ++o) {
      auto const sum = [&](index_t g) {
        return gate_sum(n, gate_sum(d.in, bias[g * n + o], w + (g * n + o) * d.in, x), u + (g * n + o) * n, h);
      };
      c[o] = logistic(sum(1)) * c[o] + logistic(sum(0)) * std::tanh(sum(2));
      y[o] = logistic(sum(3)) * std::tanh(c[o]);
    }
}

}  // namespace petra::kernel
