// The specification of requantization: from a 32-bit accumulator to an int8 grid by an integer factor and a shift.
//
// Source: TensorFlow Lite int8 specification; Jacob et al., "Quantization and Training of Neural Networks for Efficient
// Integer-Arithmetic-Only Inference", CVPR 2018, section 2.2. The factor is multiplier * 2^(shift - 31), multiplier in
// [0, 2^31), shift in [-31, 30].
// Written from the definitions, divisions included; runtime/requantize.hpp is the fast form, tested against this one.
// Pre: the result fits in 32 bits; for round_twice acc * 2^shift too.
#pragma once
#include <cstdint>

#include "petra/core/assert.hpp"
#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::kernel {

// floor(acc * factor + 1/2): one rounding, ties up.
struct round_once {
  static constexpr std::int32_t apply(std::int32_t acc, std::int32_t multiplier, std::int32_t shift) {
    expects(multiplier >= 0 && shift >= -31 && shift <= 30, "requantize: multiplier >= 0, shift in [-31, 30]");
    std::int64_t const unit = std::int64_t{1} << (31 - shift), product = std::int64_t{acc} * multiplier;
    std::int64_t quotient = product / unit, rest = product % unit;
    if (rest < 0) {
      rest += unit;
      --quotient;
    }
    return static_cast<std::int32_t>(quotient + (rest >= unit - rest ? 1 : 0));
  }
};

// Two roundings: the saturating doubling high half (nearest, ties up), then a division by a power of two (nearest, ties
// away from zero).
struct round_twice {
  static constexpr std::int32_t apply(std::int32_t acc, std::int32_t multiplier, std::int32_t shift) {
    expects(multiplier >= 0 && shift >= -31 && shift <= 30, "requantize: multiplier >= 0, shift in [-31, 30]");
    std::int64_t const x = shift > 0 ? std::int64_t{acc} * (std::int64_t{1} << shift) : std::int64_t{acc};
    std::int64_t const product = x * multiplier, nudge = product >= 0 ? (1 << 30) : 1 - (1 << 30);
    std::int64_t const high = (product + nudge) / (std::int64_t{1} << 31);
    std::int64_t const unit = std::int64_t{1} << (shift < 0 ? -shift : 0), size = high < 0 ? -high : high;
    std::int64_t const rounded = size / unit + (2 * (size % unit) >= unit && unit > 1 ? 1 : 0);
    return static_cast<std::int32_t>(high < 0 ? -rounded : rounded);
  }
};

// Onto a grid: zero + scaled value, held in [lo, hi].
constexpr std::int8_t onto_grid(std::int32_t scaled, std::int32_t zero, std::int32_t lo, std::int32_t hi) {
  std::int64_t const v = std::int64_t{scaled} + zero;
  return static_cast<std::int8_t>(v < lo ? lo : v > hi ? hi : v);
}

}  // namespace petra::kernel
