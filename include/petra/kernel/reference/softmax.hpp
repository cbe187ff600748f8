// Softmax over the rows of a matrix and its gradient, the specification.
#pragma once
#include <cmath>

#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y (R,C) = exp(x - max) / sum exp(x - max). Assigns y, which may be x.
// Pre: cols >= 1.
template <scalar T>
void softmax(scalar_tag, index_t rows, index_t cols, T const* x, T* y) {
  for (index_t r = 0; r < rows; ++r, x += cols, y += cols) {
    T top = x[0], sum = 0;
    for (index_t i = 1; i < cols; ++i) top = x[i] > top ? x[i] : top;
    for (index_t i = 0; i < cols; ++i) sum += y[i] = std::exp(x[i] - top);
    for (index_t i = 0; i < cols; ++i) y[i] /= sum;
  }
}

// dx (R,C) += y (dy - sum y dy), y the result of softmax. Accumulates into dx.
template <scalar T>
constexpr void softmax_backward(scalar_tag, index_t rows, index_t cols, T const* y, T const* dy, T* dx) {
  for (index_t r = 0; r < rows; ++r, y += cols, dy += cols, dx += cols) {
    T sum = 0;
    for (index_t i = 0; i < cols; ++i) sum += y[i] * dy[i];
    for (index_t i = 0; i < cols; ++i) dx[i] += y[i] * (dy[i] - sum);
  }
}

}  // namespace petra::kernel
