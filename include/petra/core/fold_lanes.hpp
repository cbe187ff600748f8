// One value of all lanes of a vector, by halves: the order of a sum depends on the width of the vector only.
//
// In core for the reason that core/bound_f32.hpp gives: kernels that ship and those of training both need it.
#pragma once
#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::elementary {

// All lanes of the result hold op over the lanes of v, which have four bytes each. op takes vectors of any width.
template <class V, class Op>
PETRA_INLINE auto fold_lanes(V v, Op op) noexcept {
  if constexpr (sizeof(V) == 64) {
    return fold_lanes(op(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7),
                         __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15)),
                      op);
  } else if constexpr (sizeof(V) == 32) {
    return fold_lanes(op(__builtin_shufflevector(v, v, 0, 1, 2, 3), __builtin_shufflevector(v, v, 4, 5, 6, 7)), op);
  } else {
    auto const d = op(v, __builtin_shufflevector(v, v, 2, 3, 0, 1));
    return op(d, __builtin_shufflevector(d, d, 1, 0, 3, 2));
  }
}

}  // namespace petra::elementary
