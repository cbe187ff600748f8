// Extents of a recurrent layer, in floats or integers.
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

// x (T,C) -> y (T,H): the state after every step.
struct recurrent_shape {
  index_t steps = 1, in = 1, hidden = 1;
};

// Units whose gates lie together in packed weights.
inline constexpr index_t unit_block = 16;

}  // namespace petra::rt
