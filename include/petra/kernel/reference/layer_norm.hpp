// Layer normalization over the rows of a matrix, the specification.
//
// y (R,C) = gamma (x - mean) / sqrt(variance + epsilon) + beta    gamma, beta (C); mean and variance of a row, the
// variance divided by C. Assigns y, which may be x. In training the statistics of each row are kept, and a gradient comes
// back.
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

// The same, and what the gradient needs: mean and inv_std = 1 / sqrt(variance + epsilon), (R) each. Assigns all three; y may
// be x.
template <scalar T>
constexpr void layer_norm(scalar_tag, index_t rows, index_t cols, T epsilon, T const* x, T const* gamma, T const* beta,
                          T* mean, T* inv_std, T* y) {
  for (index_t r = 0; r < rows; ++r, x += cols, y += cols) {
    T sum = 0, square = 0;
    for (index_t i = 0; i < cols; ++i) sum += x[i];
    mean[r] = sum / static_cast<T>(cols);
    for (index_t i = 0; i < cols; ++i) square += (x[i] - mean[r]) * (x[i] - mean[r]);
    inv_std[r] = T(1) / square_root(square / static_cast<T>(cols) + epsilon);
    for (index_t i = 0; i < cols; ++i) y[i] = gamma[i] * ((x[i] - mean[r]) * inv_std[r]) + beta[i];
  }
}

// With xhat = (x - mean) inv_std and g = gamma dy: dx = inv_std (g - mean of g - xhat * mean of (g xhat)), assigned, or
// added where `accumulate`; dgamma += sum over rows of dy xhat, dbeta += sum over rows of dy.
template <scalar T>
constexpr void layer_norm_backward(scalar_tag, index_t rows, index_t cols, T const* x, T const* gamma, T const* mean,
                                   T const* inv_std, T const* dy, T* dx, bool accumulate, T* dgamma, T* dbeta) {
  for (index_t r = 0; r < rows; ++r, x += cols, dy += cols, dx += cols) {
    T sum = 0, product = 0;
    for (index_t i = 0; i < cols; ++i) {
      T const xhat = (x[i] - mean[r]) * inv_std[r];
      sum += gamma[i] * dy[i];
      product += gamma[i] * dy[i] * xhat;
      dgamma[i] += dy[i] * xhat;
      dbeta[i] += dy[i];
    }
    for (index_t i = 0; i < cols; ++i) {
      T const xhat = (x[i] - mean[r]) * inv_std[r],
              d = inv_std[r] * (gamma[i] * dy[i] - (sum + xhat * product) / static_cast<T>(cols));
      dx[i] = accumulate ? dx[i] + d : d;
    }
  }
}

}  // namespace petra::kernel
