// Mean softmax cross-entropy of rows of logits against class labels, with label smoothing; the specification.
//
// loss = -1/R sum_r sum_c q_rc log p_rc    p = softmax(x)    q = (1 - s) [c = label] + s / C    x, p (R,C), label (R)
// Source (smoothing): Szegedy et al., "Rethinking the Inception architecture", CVPR 2016, section 7.
#pragma once
#include <cmath>
#include <cstdint>

#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// The loss. Assigns p.
// Pre: rows, cols >= 1; labels lie in [0, cols).
template <scalar T>
T cross_entropy(scalar_tag, index_t rows, index_t cols, T const* x, std::int32_t const* label, T smoothing, T* p) {
  T total = 0;
  for (index_t r = 0; r < rows; ++r, x += cols, p += cols) {
    T top = x[0], sum = 0, mean = 0;
    for (index_t j = 1; j < cols; ++j) top = x[j] > top ? x[j] : top;
    for (index_t j = 0; j < cols; ++j) {
      sum += p[j] = std::exp(x[j] - top);
      mean += x[j] - top;
    }
    for (index_t j = 0; j < cols; ++j) p[j] /= sum;
    total += std::log(sum) - (1 - smoothing) * (x[label[r]] - top) - smoothing * (mean / static_cast<T>(cols));
  }
  return total / static_cast<T>(rows);
}

// dx += scale (p - q): the gradient, for scale = that of the loss, divided by the number of rows. Accumulates into dx.
template <scalar T>
constexpr void cross_entropy_backward(scalar_tag, index_t rows, index_t cols, T const* p, std::int32_t const* label,
                                      T smoothing, T scale, T* dx) {
  T const each = smoothing / static_cast<T>(cols);
  for (index_t r = 0; r < rows; ++r, p += cols, dx += cols) {
    for (index_t j = 0; j < cols; ++j) dx[j] += scale * (p[j] - each);
    dx[label[r]] -= scale * (1 - smoothing);
  }
}

}  // namespace petra::kernel
