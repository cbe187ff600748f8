// Matrix product of bfloat16 numbers with float sums.
//
// With VDPBF16PS: the blocks of gemm.hpp around `pair_tile`. A is read where its pairs lie, else (K odd, A transposed)
// blocks of it are packed; a row-major B is interleaved by the first tile that reads it. Without: blocks of both are
// converted to float and meet in the float tiles.
//
// Deterministic; the order of summation depends on shape, strides and instruction set. VDPBF16PS flushes denormals.
// Cost: 2 M N K operations, twice as many a cycle as in float.
#pragma once
#include "petra/kernel/reference/gemm_bf16.hpp"
#include "petra/kernel/simd/gemm.hpp"
#include "petra/kernel/simd/pair_tile.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

// Rows of B in a block: as many bytes as in float. Even.
inline constexpr index_t gemm_bf16_k = 2 * gemm_k;

// A and B of a product; B plain, or packed where that is not null.
struct bf16_operands {
  bf16 const* a;
  index_t a_row, a_col;
  bf16 const* b;
  index_t b_row, b_col;
  bf16 const* packed;
  // Where the packed panel at column j begins, row k of it.
  [[nodiscard]] bf16 const* panel(index_t all_k, index_t j, index_t k, index_t width) const {
    return packed + j * ((all_k + 1) / 2 * 2) + k * width;
  }
};

#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64

template <class = void>
void gemm_bf16_blocks(gemm_dims d, bf16_operands const& in, float const* bias, float* c, index_t c_row, bool accumulate,
                      activation f, workspace& scratch) {
  workspace::scope const release(scratch);
  index_t const most_k = std::min(d.k, gemm_bf16_k), most_m = std::min(d.m, gemm_m);
  bool const copies_a = in.a_col != 1 || d.k % 2 != 0;
  bf16* const copy = copies_a ? scratch.take<bf16>(packed_pairs_size(most_k, most_m)) : nullptr;
  bf16* const made =
      in.packed == nullptr ? scratch.take<bf16>(packed_pairs_size(most_k, std::min(d.n, gemm_n))) : nullptr;
  pair_product product{0, in.a_row, 2, in.b_row, c_row, false, activation::none};
  each_gemm_step(d, gemm_bf16_k, [&](gemm_step s) {
    index_t const width = padded_columns(s.columns), pairs = (s.depth + 1) / 2;
    bf16 const* a = in.a + s.i * in.a_row + s.k * in.a_col;
    if (copies_a) {
      index_t const rows = padded_columns(s.m);
      if (s.j % gemm_n == 0)
        for (index_t i = 0; i < s.m; i += lanes)
          pack_pair_columns(s.depth, std::min(s.m - i, lanes), a + i * in.a_row, in.a_col, in.a_row, copy + 2 * i,
                            rows);
      a = copy;
      product.a_row = 2;
      product.a_pair = 2 * rows;
    }
    product.pairs = pairs;
    product.accumulate = accumulate || s.k > 0;
    product.f = s.k + s.depth == d.k ? f : activation::none;
    float const* const add = s.k == 0 && bias != nullptr ? bias + s.j : nullptr;
    float* ci = c + s.i * c_row + s.j;
    bf16 const* b = in.packed == nullptr ? made + s.j % gemm_n * 2 * pairs : nullptr;
    if (in.packed != nullptr) {
      b = in.panel(d.k, s.j, s.k, width);
    } else if (s.i == 0) {
      bf16 const* const from = in.b + s.k * in.b_row + s.j * in.b_col;
      bf16* const to = made + s.j % gemm_n * 2 * pairs;
      if (in.b_col == 1 && s.columns == panel_width && s.depth % 2 == 0) {
        index_t const rows = pair_tile_rows(s.m);
        // Pairs that no other tile reads are all written to one place.
        first_pair_tile(product, s.m, a, from, add, ci, to, rows == d.m ? 0 : 2 * panel_width);
        a += rows * product.a_row;
        ci += rows * c_row;
        s.m -= rows;
      } else {
        pack_pair_panel(s.depth, s.columns, from, in.b_row, in.b_col, to);
      }
    }
    if (s.columns <= lanes)
      pair_rows<1>(product, s.m, a, b, add, ci, s.columns);
    else
      pair_rows<2>(product, s.m, a, b, add, ci, s.columns - lanes);
  });
}

#else

// A panel of pairs as rows of floats.
template <class = void>
void unpack_pairs(index_t depth, index_t width, bf16 const* pairs, float* to) {
  for (index_t k = 0; k < depth; ++k)
    for (index_t j = 0; j < width; ++j) to[k * width + j] = to_float(pairs[(k / 2 * width + j) * 2 + k % 2]);
}

template <class = void>
void gemm_bf16_blocks(gemm_dims d, bf16_operands const& in, float const* bias, float* c, index_t c_row, bool accumulate,
                      activation f, workspace& scratch) {
  workspace::scope const release(scratch);
  index_t const most_k = std::min(d.k, gemm_k), most_m = std::min(d.m, gemm_m), most_n = std::min(d.n, gemm_n);
  auto* const rows = scratch.take<float>(most_m * most_k);
  auto* const panels = scratch.take<float>(packed_size(most_k, most_n));
  bf16* const made = in.packed == nullptr ? scratch.take<bf16>(packed_pairs_size(most_k, panel_width)) : nullptr;
  // Blocks of k are sums only: bias and activation come when all of them are added.
  matrix_product product{0, 0, 1, 0, c_row, false, activation::none}, ended = product;
  ended.f = f;
  each_gemm_step(d, gemm_k, [&](gemm_step s) {
    index_t const width = padded_columns(s.columns);
    bf16 const* const a = in.a + s.i * in.a_row + s.k * in.a_col;
    if (s.j % gemm_n == 0)
      for (index_t i = 0; i < s.m; ++i) {
        if (in.a_col == 1)
          to_float(simd_tag{}, s.depth, a + i * in.a_row, rows + i * s.depth);
        else
          for (index_t k = 0; k < s.depth; ++k) rows[i * s.depth + k] = to_float(a[i * in.a_row + k * in.a_col]);
      }
    float* const b = panels + s.j % gemm_n * s.depth;
    if (s.i == 0) {
      if (in.packed == nullptr)
        pack_pair_panel(s.depth, s.columns, in.b + s.k * in.b_row + s.j * in.b_col, in.b_row, in.b_col, made);
      unpack_pairs(s.depth, width, in.packed == nullptr ? made : in.panel(d.k, s.j, s.k, width), b);
    }
    product.k = product.a_row = s.depth;
    product.b_row = width;
    product.accumulate = accumulate || s.k > 0;
    float* const to = c + s.i * c_row + s.j;
    matrix_panel(product, s.m, s.columns, rows, b, to);
    if (s.k + s.depth == d.k && (bias != nullptr || f != activation::none))
      add_bias(ended, s.m, s.columns, bias == nullptr ? nullptr : bias + s.j, to);
  });
}

#endif

}  // namespace simd

// C (M,N) = or += A (M,K) . B (K,N); strides and preconditions of gemm.
template <class = void>
void gemm_bf16(simd_tag, gemm_dims d, bf16 const* a, index_t a_row, index_t a_col, bf16 const* b, index_t b_row,
               index_t b_col, float* c, index_t c_row, bool accumulate, workspace& scratch) {
  expects(d.m >= 0 && d.n >= 0 && d.k >= 0, "kernel: gemm_bf16: sizes must not be negative");
  expects(c_row >= d.n, "kernel: gemm_bf16: rows of C must not overlap, c_row >= n");
  simd::gemm_bf16_blocks(d, {a, a_row, a_col, b, b_row, b_col, nullptr}, nullptr, c, c_row, accumulate,
                         activation::none, scratch);
}

constexpr index_t packed_b_bf16_size(simd_tag, index_t k, index_t n) { return simd::packed_pairs_size(k, n); }

template <class = void>
void pack_b_bf16(simd_tag, index_t k, index_t n, bf16 const* b, index_t b_row, index_t b_col, bf16* packed) {
  simd::pack_pairs(k, n, b, b_row, b_col, packed);
}

// C (M,N) = activation(A (M,K) . B (K,N) + bias (N)), or with C added before the activation (`accumulate`). B packed by
// pack_b_bf16; bias may be null.
template <class = void>
void gemm_bf16_packed(simd_tag, gemm_dims d, bf16 const* a, index_t a_row, index_t a_col, bf16 const* packed,
                      float const* bias, float* c, index_t c_row, bool accumulate, activation f, workspace& scratch) {
  expects(d.m >= 0 && d.n >= 0 && d.k >= 0, "kernel: gemm_bf16: sizes must not be negative");
  expects(c_row >= d.n, "kernel: gemm_bf16: rows of C must not overlap, c_row >= n");
  simd::gemm_bf16_blocks(d, {a, a_row, a_col, nullptr, 0, 0, packed}, bias, c, c_row, accumulate, f, scratch);
}

}  // namespace petra::kernel
