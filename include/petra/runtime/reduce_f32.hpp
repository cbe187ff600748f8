// Sum and maximum of the lanes of a vector, by halves.
#pragma once
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

// All lanes of the result hold op over the lanes of v, four bytes each.
template <class V, class Op>
PETRA_INLINE auto fold_lanes(V v, Op op) noexcept {
#if PETRA_VECTOR_BYTES == 64
  auto const h = op(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7),
                    __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
#else
  auto const h = v;
#endif
#if PETRA_VECTOR_BYTES > 16
  auto const q = op(__builtin_shufflevector(h, h, 0, 1, 2, 3), __builtin_shufflevector(h, h, 4, 5, 6, 7));
#else
  auto const q = h;
#endif
  auto const d = op(q, __builtin_shufflevector(q, q, 2, 3, 0, 1));
  return op(d, __builtin_shufflevector(d, d, 1, 0, 3, 2));
}

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
