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

// mean (C) and squares (C), the sum of squared deviations from it, of `before` rows become those of these and of the rows
// of x (R,C). Assigns them when before == 0.
template <scalar T>
constexpr void column_statistics(scalar_tag, index_t before, index_t rows, index_t cols, T const* x, T* mean,
                                 T* squares) {
  for (index_t j = 0; j < cols && rows > 0; ++j) {
    T sum{}, square{};
    for (index_t i = 0; i < rows; ++i) sum += x[i * cols + j];
    T const n = static_cast<T>(rows), all = static_cast<T>(before + rows), block_mean = sum / n;
    for (index_t i = 0; i < rows; ++i) square += (x[i * cols + j] - block_mean) * (x[i * cols + j] - block_mean);
    T const delta = before == 0 ? T{} : block_mean - mean[j];
    mean[j] = before == 0 ? block_mean : mean[j] + delta * n / all;
    squares[j] = before == 0 ? square : squares[j] + square + delta * delta * static_cast<T>(before) * n / all;
  }
}

// The sums of the backward pass: sum (C) of dy (R,C), product (C) of dy * (x - mean). Assigns them, or accumulates.
template <scalar T>
constexpr void batch_norm_sums(scalar_tag, index_t rows, index_t cols, T const* x, T const* mean, T const* dy, T* sum,
                               T* product, bool accumulate) {
  for (index_t j = 0; j < cols; ++j) {
    T s = accumulate ? sum[j] : T{}, p = accumulate ? product[j] : T{};
    for (index_t i = 0; i < rows; ++i) {
      s += dy[i * cols + j];
      p += dy[i * cols + j] * (x[i * cols + j] - mean[j]);
    }
    sum[j] = s;
    product[j] = p;
  }
}

// dx (R,C) = or, to accumulate, += scale * (dy - offset - (x - mean) * slope); scale, offset and slope (C). dx may
// be dy.
template <scalar T>
constexpr void batch_norm_gradient(scalar_tag, index_t rows, index_t cols, T const* x, T const* mean, T const* scale,
                                   T const* offset, T const* slope, T const* dy, T* dx, bool accumulate) {
  for (index_t i = 0; i < rows; ++i)
    for (index_t j = 0; j < cols; ++j) {
      index_t const at = i * cols + j;
      T const part = scale[j] * (dy[at] - offset[j] - (x[at] - mean[j]) * slope[j]);
      dx[at] = accumulate ? dx[at] + part : part;
    }
}

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
