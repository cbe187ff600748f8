// Matrix product in float.
//
// Source: Goto, van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008. What differs:
// A is never copied, and B only where that pays: a small row-major B is read where it lies; a large one is copied into
// panels by the first tile that reads it; a transposed one is packed before.
//
// Deterministic: the order of summation depends on shape, strides and instruction set only.
// Cost: 2 M N K operations; AVX-512, Zen 5: 92 to 97 % of the machine's multiply-adds from 64^3 to 1024^3.
#pragma once
#include <algorithm>

#include "petra/kernel/simd/gemv.hpp"
#include "petra/kernel/simd/narrow_tile.hpp"
#include "petra/kernel/simd/pack.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Blocks of k, of columns and of rows. A panel of 512 rows streams from L2 and halves the traffic of C: 1024^3 runs at
// 218 GFLOP/s, with 256 rows, which stay in L1, at 214, with 384 at 211.
inline constexpr index_t gemm_k = 512;
inline constexpr index_t gemm_n = 256;
inline constexpr index_t gemm_m = 96;

// Rows [i, i + m) of A times rows [k, k + depth) of one panel of B, columns [j, j + columns).
struct gemm_step {
  index_t i, m, k, depth, j, columns;
};

// All steps of a product, at most most_k deep: a panel of B meets all rows of a block of A before the next one comes.
template <class Step>
void each_gemm_step(gemm_dims d, index_t most_k, Step step) {
  for (index_t j = 0; j < d.n; j += gemm_n) {
    index_t const end = std::min(j + gemm_n, d.n);
    index_t k = 0;
    do {
      index_t const depth = std::min(d.k - k, most_k);
      for (index_t i = 0; i < d.m; i += gemm_m)
        for (index_t panel = j; panel < end; panel += panel_width)
          step(gemm_step{i, std::min(d.m - i, gemm_m), k, depth, panel, std::min(end - panel, panel_width)});
      k += most_k;
    } while (k < d.k);
  }
}

template <class = void>
inline void matrix_panel(matrix_product const& d, index_t m, index_t columns, float const* a, float const* b,
                         float* c) {
  if (columns <= lanes) return narrow_panel(d, m, a, b, c, columns);
  matrix_rows<2>(d, m, a, b, c, columns - lanes);
}

}  // namespace petra::kernel::simd

namespace petra::inline PETRA_ABI::kernel {

// C (M,N) = or += A (M,K) . B (K,N). Element (i,j) of A lies at a[i*a_row + j*a_col], the same for B: every transpose
// is a choice of strides. C is row-major with rows c_row apart. `accumulate`: C +=, else C is assigned, even if K is 0.
// Pre: C overlaps neither A nor B; c_row >= n.
template <class = void>
inline void gemm(simd_tag, gemm_dims d, float const* a, index_t a_row, index_t a_col, float const* b, index_t b_row,
                 index_t b_col, float* c, index_t c_row, bool accumulate, workspace& scratch) {
  using namespace simd;
  expects(d.m >= 0 && d.n >= 0 && d.k >= 0, "kernel: gemm: sizes must not be negative");
  expects(c_row >= d.n, "kernel: gemm: rows of C must not overlap, c_row >= n");
  if (d.m == 1 && b_col == 1) return vector_matrix(d.k, d.n, a, a_col, b, b_row, c, accumulate);
  if (d.m == 1 && b_row == 1 && a_col == 1) return dot_products(d.n, d.k, b, b_col, a, c, 1, accumulate);
  if (d.n == 1 && a_col == 1 && b_row == 1) return dot_products(d.m, d.k, a, a_row, b, c, c_row, accumulate);

  workspace::scope const release(scratch);
  // Copying pays when a panel is read often enough, and B would not stay in L2 otherwise.
  bool const packs = b_col == 1 && d.m >= 3 * most_rows(2) && d.k * d.n > 65536;
  bool const in_place = b_col == 1 && !packs && d.n % lanes == 0;
  float* const packed =
      in_place ? nullptr : scratch.take<float>(packed_size(std::min(d.k, gemm_k), std::min(d.n, gemm_n)));
  matrix_product product{0, a_row, a_col, 0, c_row, false, activation::none};
  each_gemm_step(d, gemm_k, [&](gemm_step s) {
    constexpr index_t rows = most_rows(2);
    float const* const from = b + s.k * b_row + s.j * b_col;
    float* const to = in_place ? nullptr : packed + s.j % gemm_n * s.depth;
    float const* ai = a + s.i * a_row + s.k * a_col;
    float* ci = c + s.i * c_row + s.j;
    index_t const width = padded_columns(s.columns);
    product.k = s.depth;
    product.b_row = width;
    product.accumulate = accumulate || s.k > 0;
    if (in_place || (b_col == 1 && !packs && s.columns == width)) {
      product.b_row = b_row;
      return matrix_panel(product, s.m, s.columns, ai, from, ci);
    }
    if (s.i == 0 && packs && s.columns == panel_width) {
      product.b_row = b_row;
      matrix_tile<rows, 2, true>(product, ai, from, ci, lanes, to);
      product.b_row = width;
      ai += rows * a_row;
      ci += rows * c_row;
      s.m -= rows;
    } else if (s.i == 0) {
      pack(s.depth, s.columns, from, b_row, b_col, to, s.depth);
    }
    matrix_panel(product, s.m, s.columns, ai, to, ci);
  });
}

// B as gemm_packed reads it: whole panels, one behind the other.
constexpr index_t packed_b_size(simd_tag, index_t k, index_t n) { return simd::packed_size(k, n); }

template <class = void>
inline void pack_b(simd_tag, index_t k, index_t n, float const* b, index_t b_row, index_t b_col, float* packed) {
  simd::pack(k, n, b, b_row, b_col, packed, k);
}

// C (M,N) = activation(A (M,K) . B (K,N) + bias (N)), or with C added before the activation (`accumulate`). B packed by
// pack_b, bias may be null. Pre: those of gemm.
template <class = void>
inline void gemm_packed(simd_tag, gemm_dims d, float const* a, index_t a_row, index_t a_col, float const* packed,
                        float const* bias, float* c, index_t c_row, bool accumulate, activation f) {
  using namespace simd;
  expects(d.m >= 0 && d.n >= 0 && d.k >= 0, "kernel: gemm: sizes must not be negative");
  expects(c_row >= d.n, "kernel: gemm: rows of C must not overlap, c_row >= n");
  if (d.m == 1) {
    for (index_t j = 0; j < d.n; j += panel_width) {
      index_t const columns = std::min(d.n - j, panel_width);
      vector_panel(d.k, columns, padded_columns(columns), a, a_col, packed + j * d.k,
                   bias == nullptr ? nullptr : bias + j, c + j, accumulate, f);
    }
    return;
  }
  matrix_product product{0, a_row, a_col, 0, c_row, false, activation::none};
  each_gemm_step(d, gemm_k, [&](gemm_step s) {
    bool const ends = s.k + s.depth == d.k;
    product.k = s.depth;
    product.f = ends ? f : activation::none;
    product.b_row = padded_columns(s.columns);
    product.accumulate = accumulate || s.k > 0;
    product.bias = bias == nullptr || s.k > 0 ? nullptr : bias + s.j;
    float* const to = c + s.i * c_row + s.j;
    matrix_panel(product, s.m, s.columns, a + s.i * a_row + s.k * a_col, packed + s.j * d.k + s.k * product.b_row, to);
    if (ends && f == activation::relu6) add_bias(product, s.m, s.columns, nullptr, to);
  });
}

}  // namespace petra::kernel
