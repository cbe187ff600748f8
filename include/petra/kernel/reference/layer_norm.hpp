// Layer normalization over the rows of a matrix, the specification.
//
// y (R,C) = gamma (x - mean) / sqrt(variance + epsilon) + beta    gamma, beta (C); mean and variance of a row, the
// variance divided by C. Assigns y, which may be x.
// Source: Ba, Kiros, Hinton, "Layer normalization", 2016, section 3.
#pragma once
#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/reference/square_root.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

template <scalar T>
constexpr void layer_norm(scalar_tag, index_t rows, index_t cols, T epsilon, T const* x, T const* gamma, T const* beta,
                          T* y) {
  for (index_t r = 0; r < rows; ++r, x += cols, y += cols) {
    T mean = 0, variance = 0;
    for (index_t i = 0; i < cols; ++i) mean += x[i];
    mean /= static_cast<T>(cols);
    for (index_t i = 0; i < cols; ++i) variance += (x[i] - mean) * (x[i] - mean);
    variance /= static_cast<T>(cols);
    for (index_t i = 0; i < cols; ++i) y[i] = gamma[i] * (x[i] - mean) / square_root(variance + epsilon) + beta[i];
  }
}

}  // namespace petra::kernel
