// Multi-head attention, the specification.
//
// y (Q, heads W) : of every head  softmax(q k^T / sqrt(W)) v    q (Q,W), k, v (S,W): the head's columns of matrices whose
// rows lie q_step and kv_step elements apart. `causal`: query i sees the keys 0 to i. Assigns y.
// Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.
#pragma once
#include <vector>

#include "petra/kernel/reference/softmax.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct attention_dims {
  index_t queries = 1, keys = 1, heads = 1, width = 1, q_step = 1, kv_step = 1;
  bool causal = false;
  // Keys that query i sees.
  [[nodiscard]] constexpr index_t seen(index_t i) const { return causal && i + 1 < keys ? i + 1 : keys; }
};

template <scalar T>
void attention(scalar_tag, attention_dims const& d, T const* q, T const* k, T const* v, T* y) {
  std::vector<T> p(static_cast<std::size_t>(d.keys));
  for (index_t i = 0; i < d.queries; ++i)
    for (index_t h = 0; h < d.heads; ++h) {
      for (index_t j = 0; j < d.seen(i); ++j) {
        T sum = 0;
        for (index_t c = h * d.width; c < (h + 1) * d.width; ++c) sum += q[i * d.q_step + c] * k[j * d.kv_step + c];
        p[static_cast<std::size_t>(j)] = sum / std::sqrt(static_cast<T>(d.width));
      }
      softmax(scalar_tag{}, 1, d.seen(i), p.data(), p.data());
      for (index_t c = h * d.width; c < (h + 1) * d.width; ++c) {
        T sum = 0;
        for (index_t j = 0; j < d.seen(i); ++j) sum += p[static_cast<std::size_t>(j)] * v[j * d.kv_step + c];
        y[i * d.heads * d.width + c] = sum;
      }
    }
}

}  // namespace petra::kernel
