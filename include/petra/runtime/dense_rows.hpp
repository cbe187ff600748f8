// Cutting a dense layer of M rows and O outputs into register tiles of Rows x (Blocks x 16 outputs).
//
// Rows are taken most at a time and then by halves: 8, 4, 2, 1; so are the blocks of 16 of a panel of 64 outputs: 4, 2,
// 1. The fewer the rows, the more blocks a tile may have: sums must fit registers, and there must be enough of them to
// hide the latency of a multiplication. What a layer with literal extents does not take is not compiled.
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

// Outputs whose weights lie together: one tile of four blocks reads them as one stream.
inline constexpr index_t panel_outputs = 64;

template <int Count>
struct at_a_time {
  static constexpr int value = Count;
};

// Whether n things, taken `most` at a time and then by halves, are taken `count` at a time somewhere.
constexpr bool takes(index_t n, int most, int count) noexcept {
  return count == most ? n >= most : count < most && n % most / count % 2 != 0;
}
// The same for the blocks of all panels.
constexpr bool takes_blocks_of_panels(index_t outputs, int most, int count) noexcept {
  index_t const rest = outputs % panel_outputs;
  return (outputs >= panel_outputs && takes(4, most, count)) || takes((rest + 15) / 16, most, count);
}

// Calls call(at_a_time, first row).
template <int Most, int Rows = Most, class Shape, class Call>
PETRA_INLINE void for_rows(Shape shape, index_t rows, Call call, index_t first = 0) noexcept {
  constexpr bool used = [] {
    if constexpr (is_fixed<Shape>)
      return takes(Shape::value.m, Most, Rows);
    else
      return true;
  }();
  if constexpr (used)
    for (; rows - first >= Rows; first += Rows) call(at_a_time<Rows>{}, first);
  if constexpr (Rows > 1) for_rows<Most, Rows / 2>(shape, rows, call, first);
}

// For a panel's `outputs`: calls call(at_a_time, first output, outputs in the last block).
template <int Most, int Blocks = Most, class Shape, class Call>
PETRA_INLINE void for_blocks(Shape shape, index_t panel, index_t outputs, Call call, index_t first = 0) noexcept {
  constexpr bool used = [] {
    if constexpr (is_fixed<Shape>)
      return takes_blocks_of_panels(Shape::value.o, Most, Blocks);
    else
      return true;
  }();
  if constexpr (used)
    for (index_t left = outputs - first; left > 16 * (Blocks - 1); left = outputs - first) {
      call(at_a_time<Blocks>{}, panel + first, left < 16 * Blocks ? left - 16 * (Blocks - 1) : 16);
      first += 16 * Blocks;
    }
  if constexpr (Blocks > 1) for_blocks<Most, Blocks / 2>(shape, panel, outputs, call, first);
}

}  // namespace petra::rt
