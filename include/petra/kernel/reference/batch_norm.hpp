// Batch normalization over the rows of a matrix (all positions of all samples), per column; the specification.
//
// Source: Ioffe, Szegedy, "Batch normalization", ICML 2015, algorithm 1 and section 3.
#pragma once
#include "petra/core/assert.hpp"
#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/reference/square_root.hpp"
#include "petra/kernel/tags.hpp"
#include "petra/kernel/workspace.hpp"

namespace petra::inline PETRA_ABI::kernel {

// mean (C) and inv_std (C) = 1 / sqrt(variance + eps) of x (R,C), variance biased (divided by R);
// y (R,C) = gamma * (x - mean) * inv_std + beta. Assigns mean, inv_std and y.
// Pre: rows > 0. y may be x.
template <scalar T>
constexpr void batch_norm(scalar_tag, index_t rows, index_t cols, T const* x, T const* gamma, T const* beta, T eps,
                          T* mean, T* inv_std, T* y) {
  expects(rows > 0, "kernel: batch_norm: there must be at least one row");
  for (index_t j = 0; j < cols; ++j) {
    T sum{}, square{};
    for (index_t i = 0; i < rows; ++i) sum += x[i * cols + j];
    mean[j] = sum / static_cast<T>(rows);
    for (index_t i = 0; i < rows; ++i) {
      T const centered = x[i * cols + j] - mean[j];
      square += centered * centered;
    }
    inv_std[j] = T(1) / square_root(square / static_cast<T>(rows) + eps);
    for (index_t i = 0; i < rows; ++i) y[i * cols + j] = gamma[j] * (x[i * cols + j] - mean[j]) * inv_std[j] + beta[j];
  }
}

// With xhat = (x - mean) * inv_std: dgamma += sum(dy * xhat), dbeta += sum(dy),
// dx += gamma * inv_std * (dy - mean of dy - xhat * mean of (dy * xhat)). Accumulates into dx, dgamma and dbeta.
// Pre: rows > 0; mean and inv_std are those of `batch_norm` on x.
template <scalar T>
constexpr void batch_norm_backward(scalar_tag, index_t rows, index_t cols, T const* x, T const* gamma, T const* mean,
                                   T const* inv_std, T const* dy, T* dx, T* dgamma, T* dbeta, workspace&) {
  expects(rows > 0, "kernel: batch_norm_backward: there must be at least one row");
  for (index_t j = 0; j < cols; ++j) {
    T sum{}, product{};
    for (index_t i = 0; i < rows; ++i) {
      sum += dy[i * cols + j];
      product += dy[i * cols + j] * (x[i * cols + j] - mean[j]) * inv_std[j];
    }
    dbeta[j] += sum;
    dgamma[j] += product;
    T const mean_sum = sum / static_cast<T>(rows), mean_product = product / static_cast<T>(rows);
    for (index_t i = 0; i < rows; ++i) {
      T const normal = (x[i * cols + j] - mean[j]) * inv_std[j];
      dx[i * cols + j] += gamma[j] * inv_std[j] * (dy[i * cols + j] - mean_sum - normal * mean_product);
    }
  }
}

// y (R,C) = x (R,C) * scale (C) + shift (C): batch normalization with known statistics. Assigns y, which may be x.
template <scalar T>
constexpr void scale_shift(scalar_tag, index_t rows, index_t cols, T const* x, T const* scale, T const* shift, T* y) {
  for (index_t i = 0; i < rows; ++i)
    for (index_t j = 0; j < cols; ++j) y[i * cols + j] = x[i * cols + j] * scale[j] + shift[j];
}

}  // namespace petra::kernel
