// The sum of a row of exponentials of an int8 softmax turned into a factor (runtime/softmax_s8.hpp).
//
// s = sum of exp(-t) in Q12.19 -> 256 / s = multiplier 2^-31 2^-right on exponentials in Q0.31
#pragma once
#include "petra/runtime/requantize.hpp"

namespace petra::inline PETRA_ABI::rt {

struct softmax_factor {
  std::int32_t multiplier = 0, right = 0;
};

// a b / 2^31, nearest, ties up.
PETRA_INLINE constexpr std::int32_t high_product(std::int32_t a, std::int32_t b) noexcept {
  return static_cast<std::int32_t>((std::int64_t{a} * b + (std::int64_t{1} << 30)) >> 31);
}

// Newton's method for the inverse of s without its power of two, taken as 2 d, d in [1/2, 1): 48/17 - 32/17 d and three
// steps. Pre: s >= 2^19.
PETRA_INLINE constexpr softmax_factor inverse_of_sum(std::int32_t s) noexcept {
  std::int32_t const zeros = __builtin_clz(static_cast<unsigned>(s));
  auto const d = static_cast<std::int32_t>(static_cast<std::uint32_t>(s) << zeros >> 1);
  std::int32_t x = 1515870810 + high_product(d, -1010580540);
  for (int i = 0; i < 3; ++i) x += 4 * high_product(x, (1 << 29) - high_product(d, x));
  std::int64_t const doubled = std::int64_t{2} * x;
  return {doubled > 0x7fffffff ? 0x7fffffff : static_cast<std::int32_t>(doubled), 35 - zeros};
}

}  // namespace petra::rt
