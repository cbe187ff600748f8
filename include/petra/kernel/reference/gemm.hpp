// Matrix product, the specification of kernel::gemm.
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

}  // namespace petra::kernel
