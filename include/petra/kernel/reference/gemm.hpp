// Matrix product, the specification of kernel::gemm and of its form for weights that are packed once.
#pragma once
#include "petra/core/concepts.hpp"
#include "petra/kernel/gemm_dims.hpp"
#include "petra/kernel/tags.hpp"
#include "petra/kernel/workspace.hpp"

namespace petra::inline PETRA_ABI::kernel {

// C (M,N) = or += A (M,K) . B (K,N). Element (i,j) of A lies at a[i*a_row + j*a_col], the same for B: every transpose
// is a choice of strides. C is row-major with rows c_row apart. `accumulate`: C +=, else C is assigned, even if K is 0.
// Pre: C overlaps neither A nor B; c_row >= n.
// Cost: 2 M N K operations.
template <scalar T>
constexpr void gemm(scalar_tag, gemm_dims d, T const* a, index_t a_row, index_t a_col, T const* b, index_t b_row,
                    index_t b_col, T* c, index_t c_row, bool accumulate, workspace&) {
  expects(d.m >= 0 && d.n >= 0 && d.k >= 0, "kernel: gemm: sizes must not be negative");
  expects(c_row >= d.n, "kernel: gemm: rows of C must not overlap, c_row >= n");
  for (index_t i = 0; i < d.m; ++i)
    for (index_t j = 0; j < d.n; ++j) {
      T sum{};
      for (index_t k = 0; k < d.k; ++k) sum += a[i * a_row + k * a_col] * b[k * b_row + j * b_col];
      c[i * c_row + j] = accumulate ? c[i * c_row + j] + sum : sum;
    }
}

// What becomes of a sum before it is stored. NaN stays NaN.
enum class activation : unsigned char { none, relu, relu6 };

template <scalar T>
constexpr T activate(activation f, T x) {
  if (f != activation::none && x < T{}) return T{};
  return f == activation::relu6 && x > T{6} ? T{6} : x;
}

// B as gemm_packed reads it; here row-major.
constexpr index_t packed_b_size(scalar_tag, index_t k, index_t n) { return k * n; }

template <scalar T>
constexpr void pack_b(scalar_tag, index_t k, index_t n, T const* b, index_t b_row, index_t b_col, T* packed) {
  for (index_t i = 0; i < k; ++i)
    for (index_t j = 0; j < n; ++j) packed[i * n + j] = b[i * b_row + j * b_col];
}

// C (M,N) = activation(A (M,K) . B (K,N) + bias (N)), or with C added before the activation (`accumulate`). B packed by
// pack_b, bias may be null. Pre: those of gemm.
template <scalar T>
constexpr void gemm_packed(scalar_tag, gemm_dims d, T const* a, index_t a_row, index_t a_col, T const* packed,
                           T const* bias, T* c, index_t c_row, bool accumulate, activation f) {
  expects(d.m >= 0 && d.n >= 0 && d.k >= 0, "kernel: gemm: sizes must not be negative");
  expects(c_row >= d.n, "kernel: gemm: rows of C must not overlap, c_row >= n");
  for (index_t i = 0; i < d.m; ++i)
    for (index_t j = 0; j < d.n; ++j) {
      T sum = bias == nullptr ? T{} : bias[j];
      for (index_t k = 0; k < d.k; ++k) sum += a[i * a_row + k * a_col] * packed[k * d.n + j];
      c[i * c_row + j] = activate(f, accumulate ? c[i * c_row + j] + sum : sum);
    }
}

}  // namespace petra::kernel
