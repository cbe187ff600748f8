// bfloat16: the upper half of a float, 8 bits of exponent and 7 of fraction. A storage format: sums stay in float.
//
// Rounding is to nearest, ties to even; denormals are kept; NaN stays NaN (quiet), its sign and upper payload too.
#pragma once
#include <bit>
#include <cstdint>

#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct bf16 {
  std::uint16_t bits;
  friend constexpr bool operator==(bf16, bf16) = default;  // of bits: NaN equals itself
};

constexpr bf16 to_bf16(float x) {
  auto const u = std::bit_cast<std::uint32_t>(x);
  if ((u & 0x7fffffffu) > 0x7f800000u) return {static_cast<std::uint16_t>(u >> 16 | 0x40u)};
  return {static_cast<std::uint16_t>((u + 0x7fffu + (u >> 16 & 1u)) >> 16)};
}

constexpr float to_float(bf16 x) { return std::bit_cast<float>(static_cast<std::uint32_t>(x.bits) << 16); }

constexpr void to_bf16(scalar_tag, index_t n, float const* x, bf16* y) {
  for (index_t i = 0; i < n; ++i) y[i] = to_bf16(x[i]);
}

constexpr void to_float(scalar_tag, index_t n, bf16 const* x, float* y) {
  for (index_t i = 0; i < n; ++i) y[i] = to_float(x[i]);
}

}  // namespace petra::kernel
