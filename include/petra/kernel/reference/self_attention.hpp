// Multi-head self-attention of one sequence in training, and its gradient, the specification.
//
// qkv (T, 3 heads W): queries, keys and values of all heads side by side, as one projection makes them. Of every head
//     p = softmax(q k^T / sqrt(W))    y = p v    q, k, v (T,W), y (T, heads W), p (heads,T,T), stored transposed: (heads,keys,queries)
// `causal`: a query sees keys up to its own place, the others have p = 0. Padding is left out by its caller: T are the steps
// that are none.
// Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.
#pragma once
#include <algorithm>
#include <vector>

#include "petra/kernel/reference/softmax.hpp"
#include "petra/kernel/workspace.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct self_attention_dims {
  index_t steps = 1, heads = 1, width = 1;
  bool causal = false;
  // From one row of qkv to the next, and of y.
  [[nodiscard]] constexpr index_t qkv_row() const { return 3 * heads * width; }
  [[nodiscard]] constexpr index_t y_row() const { return heads * width; }
  // Keys that query i sees.
  [[nodiscard]] constexpr index_t seen(index_t i) const { return causal ? i + 1 : steps; }
};

// Assigns p and y.
template <scalar T>
void self_attention(scalar_tag, self_attention_dims const& d, T const* qkv, T* p, T* y, workspace&) {
  index_t const row = d.qkv_row(), part = d.y_row(), t = d.steps;
  std::vector<T> own(static_cast<std::size_t>(t));
  for (index_t h = 0; h < d.heads; ++h, p += t * t)
    for (index_t i = 0; i < t; ++i) {
      index_t const seen = d.seen(i), first = h * d.width, last = first + d.width;
      std::fill(own.begin(), own.end(), T(0));
      for (index_t j = 0; j < seen; ++j)
        for (index_t c = first; c < last; ++c)
          own[static_cast<std::size_t>(j)] +=
              qkv[i * row + c] * qkv[j * row + part + c] / std::sqrt(static_cast<T>(d.width));
      softmax(scalar_tag{}, 1, seen, own.data(), own.data());
      for (index_t j = 0; j < t; ++j) p[j * t + i] = own[static_cast<std::size_t>(j)];
      for (index_t c = first; c < last; ++c) {
        T& sum = y[i * part + c] = 0;
        for (index_t j = 0; j < t; ++j) sum += p[j * t + i] * qkv[j * row + 2 * part + c];
      }
    }
}

// dqkv = the gradient of qkv, or += it where `accumulate`. p: as self_attention made it.
template <scalar T>
void self_attention_backward(scalar_tag, self_attention_dims const& d, T const* qkv, T const* p, T const* dy, T* dqkv,
                             bool accumulate, workspace&) {
  index_t const row = d.qkv_row(), part = d.y_row(), t = d.steps;
  std::vector<T> own(static_cast<std::size_t>(t)), dp(own), ds(own);
  if (!accumulate)
    for (index_t i = 0; i < t * row; ++i) dqkv[i] = 0;
  for (index_t h = 0; h < d.heads; ++h, p += t * t)
    for (index_t i = 0; i < t; ++i) {
      index_t const seen = d.seen(i), first = h * d.width, last = first + d.width;
      for (index_t j = 0; j < seen; ++j) {
        T sum = 0;
        for (index_t c = first; c < last; ++c) {
          sum += dy[i * part + c] * qkv[j * row + 2 * part + c];
          dqkv[j * row + 2 * part + c] += p[j * t + i] * dy[i * part + c];
        }
        own[static_cast<std::size_t>(j)] = p[j * t + i];
        dp[static_cast<std::size_t>(j)] = sum;
        ds[static_cast<std::size_t>(j)] = 0;
      }
      softmax_backward(scalar_tag{}, 1, seen, own.data(), dp.data(), ds.data());
      for (index_t j = 0; j < seen; ++j)
        for (index_t c = first; c < last; ++c) {
          T const slope = ds[static_cast<std::size_t>(j)] / std::sqrt(static_cast<T>(d.width));
          dqkv[i * row + c] += slope * qkv[j * row + part + c];
          dqkv[j * row + part + c] += slope * qkv[i * row + c];
        }
    }
}

}  // namespace petra::kernel
