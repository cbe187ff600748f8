// Storage of bfloat16: the upper half of a float. Kernels multiply it and accumulate in float.
//
// 8 bits of significand (7 stored), the exponent of a float: conversion from float rounds to nearest, ties to even,
// overflow gives infinity, and a NaN stays a quiet NaN with its sign. Conversion to float is exact. This is what
// VCVTNEPS2BF16 does, except that the instruction flushes denormals; here they are rounded like the rest.
#pragma once
#include <bit>
#include <cstdint>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct bf16 {
  std::uint16_t bits;

  // Bits are equal: -0 differs from 0, a NaN equals itself.
  friend constexpr bool operator==(bf16, bf16) = default;
};
static_assert(sizeof(bf16) == 2);

constexpr float to_float(bf16 x) { return std::bit_cast<float>(std::uint32_t{x.bits} << 16); }

constexpr bf16 to_bf16(float x) {
  auto const bits = std::bit_cast<std::uint32_t>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return {static_cast<std::uint16_t>(bits >> 16 | 0x40u)};
  // Half of the last place that stays, less one where that place is even: a carry rounds up.
  return {static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16)};
}

}  // namespace petra::kernel
