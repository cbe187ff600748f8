// Four rows of four 32-bit words, transposed: word i of row j becomes word j of row i.
//
// Rows lie `step` bytes apart, aligned to nothing; exactly 16 bytes of each are read and written. In registers of 16 bytes,
// which every instruction set has. What keys of attention need: floats one by one, int8 four channels at a time.
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

PETRA_INLINE void transpose_words(void const* from, index_t step, void* to, index_t to_step) noexcept {
  using words [[gnu::vector_size(16)]] = int;
  auto const row = [&](index_t i) __attribute__((always_inline)) {
    words v;
    __builtin_memcpy(&v, static_cast<char const*>(from) + i * step, sizeof v);
    return v;
  };
  auto const put = [&](index_t i, words v) __attribute__((always_inline)) {
    __builtin_memcpy(static_cast<char*>(to) + i * to_step, &v, sizeof v);
  };
  words const a = row(0), b = row(1), c = row(2), d = row(3);
  words const ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7),
              cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  put(0, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  put(1, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  put(2, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  put(3, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

}  // namespace petra::rt
