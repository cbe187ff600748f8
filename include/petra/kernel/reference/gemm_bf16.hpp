// Matrix product of bfloat16 numbers with float sums, the specification of kernel::gemm_bf16.
#pragma once
#include "petra/kernel/reference/bf16.hpp"
#include "petra/kernel/reference/gemm.hpp"

namespace petra::inline PETRA_ABI::kernel {

// C (M,N) = or += A (M,K) . B (K,N). Strides as in gemm: element (i,j) of A lies at a[i*a_row + j*a_col]. Products are
// exact in float; T is float, or double for the exact sum.
// Pre: C overlaps neither A nor B; c_row >= n.
template <scalar T>
constexpr void gemm_bf16(scalar_tag, gemm_dims d, bf16 const* a, index_t a_row, index_t a_col, bf16 const* b,
                         index_t b_row, index_t b_col, T* c, index_t c_row, bool accumulate, workspace&) {
  expects(d.m >= 0 && d.n >= 0 && d.k >= 0, "kernel: gemm_bf16: sizes must not be negative");
  expects(c_row >= d.n, "kernel: gemm_bf16: rows of C must not overlap, c_row >= n");
  for (index_t i = 0; i < d.m; ++i)
    for (index_t j = 0; j < d.n; ++j) {
      T sum{};
      for (index_t k = 0; k < d.k; ++k)
        sum += static_cast<T>(to_float(a[i * a_row + k * a_col])) * static_cast<T>(to_float(b[k * b_row + j * b_col]));
      c[i * c_row + j] = accumulate ? c[i * c_row + j] + sum : sum;
    }
}

// B as gemm_bf16_packed reads it; here row-major.
constexpr index_t packed_b_bf16_size(scalar_tag, index_t k, index_t n) { return k * n; }

constexpr void pack_b_bf16(scalar_tag, index_t k, index_t n, bf16 const* b, index_t b_row, index_t b_col,
                           bf16* packed) {
  for (index_t i = 0; i < k; ++i)
    for (index_t j = 0; j < n; ++j) packed[i * n + j] = b[i * b_row + j * b_col];
}

// C (M,N) = activation(A (M,K) . B (K,N) + bias (N)), or with C added before the activation (`accumulate`). B packed by
// pack_b_bf16; bias, in float, may be null. Pre: those of gemm_bf16.
template <scalar T>
constexpr void gemm_bf16_packed(scalar_tag, gemm_dims d, bf16 const* a, index_t a_row, index_t a_col,
                                bf16 const* packed, T const* bias, T* c, index_t c_row, bool accumulate, activation f,
                                workspace& scratch) {
  gemm_bf16(scalar_tag{}, d, a, a_row, a_col, packed, d.n, index_t{1}, c, c_row, accumulate, scratch);
  for (index_t i = 0; i < d.m; ++i)
    for (index_t j = 0; j < d.n; ++j)
      c[i * c_row + j] = activate(f, bias == nullptr ? c[i * c_row + j] : c[i * c_row + j] + bias[j]);
}

}  // namespace petra::kernel
