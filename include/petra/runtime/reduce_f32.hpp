// Sum and maximum of the lanes of a vector, by halves.
#pragma once
#include "petra/core/fold_lanes.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

using elementary::fold_lanes;

PETRA_INLINE float sum_of_lanes(f32v v) noexcept {
  return fold_lanes(
      v, [](auto a, auto b) __attribute__((always_inline)) { return a + b; })[0];
}
// NaN in any lane may or may not show.
PETRA_INLINE float max_of_lanes(f32v v) noexcept {
  return fold_lanes(
      v, [](auto a, auto b) __attribute__((always_inline)) { return a > b ? a : b; })[0];
}

}  // namespace petra::rt
