// Matrix product in float.
//
// Source: Goto, van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008: blocks of B
// packed for the L2 cache, one panel of it in L1, a register tile over rows of A. A is read where it lies when its rows
// are contiguous and few enough for the L1 cache; else blocks of its rows are copied, because rows a power of two apart
// share cache sets.
#pragma once
#include <algorithm>

#include "petra/kernel/reference/gemm.hpp"
#include "petra/kernel/simd/pack.hpp"
#include "petra/kernel/simd/row_tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Blocks of k, of columns and of rows.
inline constexpr index_t gemm_k = 256;
inline constexpr index_t gemm_n = 512;
inline constexpr index_t gemm_m = 96;

// Rows of A with k contiguous floats: C (M,N) += or = A . B, B packed.
inline void gemm_rows(index_t m, index_t n, index_t k, float const* a, index_t a_row, float const* b, float* c,
                      index_t c_row, bool accumulate) {
  row_product product{1, k, k, a_row, c_row, accumulate};
  row_group groups[most_groups(1)];
  for (index_t panel = 0; panel < n; panel += panel_width) {
    index_t const columns = std::min(n - panel, panel_width);
    index_t const vectors = padded_columns(columns) / lanes, last = columns - (vectors - 1) * lanes;
    index_t const limit = most_groups(vectors);
    index_t count = 0;
    for (index_t i = 0; i < m; i += 4) {
      groups[count++] = {a + i * a_row, c + i * c_row + panel, std::min<index_t>(4, m - i)};
      if (count == limit || i + 4 >= m) {
        row_tile(product, groups, count, vectors, b, nullptr, last);
        count = 0;
      }
    }
    b += k * vectors * lanes;
  }
}

// Rows of A (M,K) as contiguous rows of k floats `to_row` apart; zero rows behind them up to a multiple of four.
inline void copy_a(index_t m, index_t k, float const* a, index_t a_row, index_t a_col, float* to, index_t to_row) {
  index_t i = 0;
  if (a_col == 1) {
    for (; i < m; ++i) std::copy_n(a + i * a_row, k, to + i * to_row);
  } else if (a_row == 1) {
    for (; i + lanes <= m; i += lanes) {
      index_t j = 0;
      for (; j + lanes <= k; j += lanes) transpose_block(a + j * a_col + i, a_col, lanes, to + i * to_row + j, to_row);
      for (; j < k; ++j)
        for (index_t r = 0; r < lanes; ++r) to[(i + r) * to_row + j] = a[i + r + j * a_col];
    }
  }
  for (; i < m; ++i)
    for (index_t j = 0; j < k; ++j) to[i * to_row + j] = a[i * a_row + j * a_col];
  for (; i % 4 != 0; ++i) std::fill_n(to + i * to_row, k, 0.f);
}

}  // namespace petra::kernel::simd

namespace petra::inline PETRA_ABI::kernel {

// C (M,N) = or += A (M,K) . B (K,N). Element (i,j) of A lies at a[i*a_row + j*a_col], the same for B: every transpose
// is a choice of strides. C is row-major with rows c_row apart. `accumulate`: C +=, else C is assigned, even if K is 0.
// Pre: C overlaps neither A nor B; c_row >= n.
// Cost: 2 M N K operations.
inline void gemm(simd_tag, gemm_dims d, float const* a, index_t a_row, index_t a_col, float const* b, index_t b_row,
                 index_t b_col, float* c, index_t c_row, bool accumulate, workspace& scratch) {
  using namespace simd;
  expects(d.m >= 0 && d.n >= 0 && d.k >= 0, "kernel: gemm: sizes must not be negative");
  expects(c_row >= d.n, "kernel: gemm: rows of C must not overlap, c_row >= n");
  if (d.k == 0 && !accumulate)
    for (index_t i = 0; i < d.m; ++i) std::fill_n(c + i * c_row, d.n, 0.f);
  workspace::scope const release(scratch);
  index_t const most_k = std::min(d.k, gemm_k), most_n = std::min(d.n, gemm_n), most_m = std::min(d.m, gemm_m);
  // Read in place: whole groups of four contiguous rows that together stay in the L1 cache, or are used only once.
  bool const in_place = a_col == 1 && d.m % 4 == 0 && (d.m * d.k <= 8192 || d.n <= panel_width);
  index_t const copy_row = most_k + lanes;
  float* const copy = in_place ? nullptr : scratch.take<float>((most_m + 3) / 4 * 4 * copy_row);
  auto* const packed = scratch.take<float>(packed_size(most_k, most_n));

  for (index_t j = 0; j < d.n; j += gemm_n)
    for (index_t p = 0; p < d.k; p += gemm_k) {
      index_t const n = std::min(d.n - j, gemm_n), k = std::min(d.k - p, gemm_k);
      bool const add = accumulate || p > 0;
      pack(k, n, b + p * b_row + j * b_col, b_row, b_col, packed, k);
      if (in_place) {
        gemm_rows(d.m, n, k, a + p, a_row, packed, c + j, c_row, add);
        continue;
      }
      for (index_t i = 0; i < d.m; i += gemm_m) {
        index_t const m = std::min(d.m - i, gemm_m);
        copy_a(m, k, a + i * a_row + p * a_col, a_row, a_col, copy, copy_row);
        gemm_rows(m, n, k, copy, copy_row, packed, c + i * c_row + j, c_row, add);
      }
    }
}

}  // namespace petra::kernel
