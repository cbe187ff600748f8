// Extents of a recurrent layer that is trained on a batch of sequences, and where a sequence is at a time.
#pragma once
#include <cstdint>

#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::kernel {

// x (N,L,C), states y (N,L,y_row), of which the first H numbers of a step belong to this layer.
struct recurrent_batch {
  index_t samples = 1, steps = 1, in = 1, hidden = 1;
  index_t y_row = 1;                     // from one step of y to the next: two directions lie side by side
  std::int32_t const* length = nullptr;  // (N) steps that are no padding; nullptr: all
  bool reverse = false;                  // from the last valid step to the first

  // Steps of sample n.
  [[nodiscard]] constexpr index_t valid(index_t n) const {
    return length == nullptr ? steps : static_cast<index_t>(length[n]);
  }
  // Row of (N L, .) that sample n is at after k steps. Pre: 0 <= k < valid(n).
  [[nodiscard]] constexpr index_t row(index_t n, index_t k) const {
    return n * steps + (reverse ? valid(n) - 1 - k : k);
  }
};

}  // namespace petra::kernel
