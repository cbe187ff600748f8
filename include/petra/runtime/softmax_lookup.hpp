// The table of an int8 softmax (runtime/softmax_s8.hpp) read where it lies: maximum, sum and results of a row.
//
// sum (x) = sum of nearest(table[top - x] / 2^12)    y = min(127, nearest(table[top - x] factor) - 128)
#pragma once
#include "petra/runtime/lanes.hpp"
#include "petra/runtime/softmax_sum.hpp"

namespace petra::inline PETRA_ABI::rt {

struct softmax_lookup {
  std::int32_t const* table;

  PETRA_INLINE static std::int32_t largest(std::int8_t const* x, index_t n) noexcept {
    std::int8_t m = x[0];
    for (index_t i = 1; i < n; ++i) m = x[i] > m ? x[i] : m;
    return m;
  }
  [[nodiscard]] PETRA_INLINE std::int32_t sum(std::int8_t const* x, index_t n, std::int32_t top) const noexcept {
    std::uint32_t s = 0;
    for (index_t i = 0; i < n; ++i) s += (static_cast<std::uint32_t>(table[top - x[i]]) + (1u << 11)) >> 12;
    return static_cast<std::int32_t>(s);
  }
  PETRA_INLINE void put(std::int8_t const* x, index_t n, std::int32_t top, softmax_factor f,
                        std::int8_t* y) const noexcept {
    if (f.right > 31) {  // more than 512 equal ones: less than half a step for each
      for (index_t i = 0; i < n; ++i) y[i] = -128;
      return;
    }
    auto const factor = requantizer<rounding::twice>::broadcast({f.multiplier, -f.right});
    for (index_t i = 0; i < n; i += 16) {
      index_t const count = n - i < 16 ? n - i : 16;
      std::int32_t e[16] = {};
      for (index_t k = 0; k < count; ++k) e[k] = table[top - x[i + k]];
      store(y + i, factor(i32x16::load(e, 16)), output_grid{.zero = -128}, count);
    }
  }
};

}  // namespace petra::rt
