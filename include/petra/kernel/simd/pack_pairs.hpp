// Packs a matrix of bfloat16 numbers into panels of pairs along K: [panel][ceil(K/2)][panel width][2], what VDPBF16PS
// takes: one 32-bit lane holds two neighbors along K of one column. Columns past the end and the partner of an odd last
// row are zero.
//
// Panels are as wide as those of pack.hpp, in lanes of a pair each.
// Cost: as vectors where columns lie side by side (two rows are interleaved) or pairs do (transposed in registers).
#pragma once
#include "petra/kernel/simd/bf16.hpp"
#include "petra/kernel/simd/pack.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Numbers of all panels.
constexpr index_t packed_pairs_size(index_t k, index_t n) { return (k + 1) / 2 * 2 * padded_columns(n); }

// One vector of columns, n <= lanes of them, written `width` pairs apart.
template <class = void>
inline void pack_pair_columns(index_t k, index_t n, bf16 const* b, index_t b_row, index_t b_col, bf16* to,
                              index_t width) {
  index_t i = 0;
  if (b_col == 1 && n == lanes) {
    for (; i + 2 <= k; i += 2) {
      u32_lanes const v = interleave_rows(b + i * b_row, b + (i + 1) * b_row);
      __builtin_memcpy(to + i * width, &v, sizeof v);
    }
  } else if (b_row == 1) {
    for (; i + 2 * lanes <= k; i += 2 * lanes) {
      vector row[lanes];  // lanes pairs each; only moved, never computed with
#pragma GCC unroll 16
      for (index_t j = 0; j < lanes; ++j) {
        row[j] = zero();
        if (j < n) __builtin_memcpy(&row[j], b + i + j * b_col, sizeof(vector));
      }
      transpose(row);
#pragma GCC unroll 16
      for (index_t j = 0; j < lanes; ++j) __builtin_memcpy(to + (i + 2 * j) * width, &row[j], sizeof(vector));
    }
  }
  for (; i < k; i += 2)
    for (index_t j = 0; j < lanes; ++j) {
      to[i * width + 2 * j] = j < n ? b[i * b_row + j * b_col] : bf16{};
      to[i * width + 2 * j + 1] = j < n && i + 1 < k ? b[(i + 1) * b_row + j * b_col] : bf16{};
    }
}

// One panel: columns <= panel_width.
template <class = void>
inline void pack_pair_panel(index_t k, index_t columns, bf16 const* b, index_t b_row, index_t b_col, bf16* to) {
  index_t const width = padded_columns(columns);
  for (index_t j = 0; j < columns; j += lanes)
    pack_pair_columns(k, std::min(columns - j, lanes), b + j * b_col, b_row, b_col, to + 2 * j, width);
}

// B (K,N), element (i,j) at b[i*b_row + j*b_col].
template <class = void>
inline void pack_pairs(index_t k, index_t n, bf16 const* b, index_t b_row, index_t b_col, bf16* to) {
  for (index_t panel = 0; panel < n; panel += panel_width) {
    index_t const columns = std::min(n - panel, panel_width);
    pack_pair_panel(k, columns, b + panel * b_col, b_row, b_col, to);
    to += packed_pairs_size(k, columns);
  }
}

}  // namespace petra::kernel::simd
