// Transposition of a square of lanes x lanes floats in registers.
//
// log2(lanes) rounds; each pairs row i with row i + lanes/2 and interleaves them (a perfect shuffle).
// Cost: lanes * log2(lanes) shuffles, 64 for 16 x 16 floats, where scalar code needs 256 loads and 256 stores.
#pragma once
#include <utility>

#include "petra/kernel/simd/vector.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Half 0 or 1 of a0 b0 a1 b1 ...
template <index_t Half>
PETRA_INLINE vector interleave(vector a, vector b) {
  auto const shuffle = [&]<index_t... I>(std::integer_sequence<index_t, I...>) __attribute__((always_inline)) {
    return __builtin_shufflevector(a.data, b.data, ((Half * lanes + I) / 2 + I % 2 * lanes)...);
  };
  return vector(shuffle(std::make_integer_sequence<index_t, lanes>{}));
}

PETRA_INLINE void transpose(vector (&row)[lanes]) {
#pragma GCC unroll 8
  for (index_t n = 1; n < lanes; n *= 2) {
    vector next[lanes];
#pragma GCC unroll 16
    for (index_t i = 0; i < lanes / 2; ++i) {
      next[2 * i] = interleave<0>(row[i], row[i + lanes / 2]);
      next[2 * i + 1] = interleave<1>(row[i], row[i + lanes / 2]);
    }
#pragma GCC unroll 16
    for (index_t i = 0; i < lanes; ++i) row[i] = next[i];
  }
}

// to (lanes, lanes) = from (rows, lanes)^T, then zeros; rows lie from_row and to_row apart. Pre: 0 <= rows <= lanes.
template <class = void>
inline void transpose_block(float const* from, index_t from_row, index_t rows, float* to, index_t to_row) {
  vector row[lanes];
#pragma GCC unroll 16
  for (index_t i = 0; i < lanes; ++i) row[i] = i < rows ? load(from + i * from_row) : zero();
  transpose(row);
#pragma GCC unroll 16
  for (index_t i = 0; i < lanes; ++i) store(to + i * to_row, row[i]);
}

}  // namespace petra::kernel::simd
