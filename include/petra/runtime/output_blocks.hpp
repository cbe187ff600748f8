// The outputs of a layer in blocks of 16, as many at a time as its tiles can take and the rest fills: 4, 2 or 1; three
// blocks are two and one. What a layer with literal extents does not take is not compiled.
#pragma once
#include "petra/runtime/conv_shape.hpp"

namespace petra::inline PETRA_ABI::rt {

template <int Blocks>
struct blocks_at_a_time {
  static constexpr int value = Blocks;
};

// Whether so many outputs, taken at most `most` blocks at a time, take `blocks` at some time.
constexpr bool takes_blocks(index_t outputs, int most, int blocks) noexcept {
  for (int n = 4; n > blocks; n /= 2)
    for (; n <= most && outputs > 16 * (n - 1); outputs -= 16 * n) {
    }
  // Two blocks need more than one block's outputs, four more than three blocks'.
  return blocks <= most && outputs > (blocks == 4 ? 48 : blocks == 2 ? 16 : 0);
}

// Calls call(blocks_at_a_time, first output, outputs in the last block) until all outputs are taken.
template <int Most, int Blocks = 4, class Shape, class Call>
PETRA_INLINE void for_output_blocks(Shape shape, index_t outputs, Call call, index_t first = 0) noexcept {
  constexpr bool used = [] {
    if constexpr (is_fixed<Shape>)
      return takes_blocks(Shape::value.out.c, Most, Blocks);
    else
      return Blocks <= Most;
  }();
  if constexpr (used)
    for (index_t left = outputs - first; left > 16 * (Blocks - 1); left = outputs - first) {
      call(blocks_at_a_time<Blocks>{}, first, left < 16 * Blocks ? left - 16 * (Blocks - 1) : 16);
      first += 16 * Blocks;
    }
  if constexpr (Blocks > 1) for_output_blocks<Most, Blocks / 2>(shape, outputs, call, first);
}

}  // namespace petra::rt
