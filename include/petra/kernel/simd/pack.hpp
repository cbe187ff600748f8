// Packs a matrix into the panels that `row_tile` reads: [panel][k][panel width], the columns past the end zero.
//
// All panels are panel_vectors wide but the last, which has as many vectors as it needs.
// Cost: k * n loads and stores of a float; as vectors where b_col is 1 or (transposed in registers) b_row is 1.
#pragma once
#include <algorithm>

#include "petra/kernel/simd/row_tile.hpp"
#include "petra/kernel/simd/transpose.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

inline constexpr index_t panel_width = panel_vectors * lanes;

// Columns as the panels store them, and the size of all panels.
constexpr index_t padded_columns(index_t n) { return (n + lanes - 1) / lanes * lanes; }
constexpr index_t packed_size(index_t k, index_t n) { return k * padded_columns(n); }

// One vector of columns of B (K,N), n <= lanes of them, written `width` apart.
template <class Word>
void pack_columns(index_t k, index_t n, Word const* b, index_t b_row, index_t b_col, Word* to, index_t width) {
  index_t i = 0;
  if (b_col == 1) {
    if (n == lanes)
      for (; i < k; ++i) store(to + i * width, load(b + i * b_row));
    else
      for (; i < k; ++i) store(to + i * width, load_first(b + i * b_row, n));
  } else if (b_row == 1) {
    for (; i + lanes <= k; i += lanes)
      transpose_block(reinterpret_cast<float const*>(b + i), b_col, n, reinterpret_cast<float*>(to + i * width), width);
  }
  for (; i < k; ++i)
    for (index_t j = 0; j < lanes; ++j) to[i * width + j] = j < n ? b[i * b_row + j * b_col] : Word{};
}

// B (K,N), element (i,j) at b[i*b_row + j*b_col], as rows [first, first + k) of panels of `rows` rows each.
// `to` holds packed_size(rows, n) floats.
template <class Word>
[[gnu::noinline]] void pack(index_t k, index_t n, Word const* b, index_t b_row, index_t b_col, Word* to, index_t rows,
                            index_t first = 0) {
  for (index_t panel = 0; panel < n; panel += panel_width) {
    index_t const columns = std::min(n - panel, panel_width), width = padded_columns(columns);
    for (index_t j = 0; j < columns; j += lanes)
      pack_columns(k, std::min(columns - j, lanes), b + (panel + j) * b_col, b_row, b_col, to + first * width + j,
                   width);
    to += rows * width;
  }
}

}  // namespace petra::kernel::simd
