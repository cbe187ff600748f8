// From a 32-bit accumulator to the next tensor's grid by integers only: acc * multiplier / 2^(31 - shift).
//
// Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
// CVPR 2018, section 2.2; TensorFlow Lite int8 specification. The multiplier is 0 or lies in [2^30, 2^31), the shift in
// [-31, 30]. The rounding is a policy:
//   rounding::single  one rounding of the exact product, ties up: XNNPACK, TFLite with single rounding. The default.
//   rounding::twice   the high half, ties up, then a right shift, ties away from zero: CMSIS-NN, TFLM.
// They differ by at most one step, and the more often the larger the factor: in 3 results of 1000 at 0.003, in 3 of 100
// at 0.03.
// Pre: the result fits in 32 bits (it does for every scale below 1; single keeps its low 32 bits otherwise).
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

struct requant {
  std::int32_t multiplier = 0;
  std::int32_t shift = 0;
  friend constexpr bool operator==(requant const&, requant const&) = default;
};

namespace rounding {

struct single {
  static constexpr bool once = true;
  static constexpr std::int32_t apply(std::int32_t acc, std::int32_t multiplier, std::int32_t shift) noexcept {
    std::int32_t const right = 31 - shift;
    return static_cast<std::int32_t>((std::int64_t{acc} * multiplier + (std::int64_t{1} << (right - 1))) >> right);
  }
};

struct twice {
  static constexpr std::int32_t apply(std::int32_t acc, std::int32_t multiplier, std::int32_t shift) noexcept {
    std::int32_t const left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
    auto const x = static_cast<std::int32_t>(static_cast<std::uint32_t>(acc) << left);
    auto const high = static_cast<std::int32_t>((std::int64_t{x} * multiplier + (std::int64_t{1} << 30)) >> 31);
    std::int64_t const mask = (std::int64_t{1} << right) - 1;
    return (high >> right) + static_cast<std::int32_t>((high & mask) > (mask >> 1) + (high < 0));
  }
};

}  // namespace rounding

// The nearest (multiplier, shift) of a real factor; 0 for one below 2^-32 or not a number, the largest beyond 2^30.
// Pre: m >= 0.
constexpr requant quantize_multiplier(double m) noexcept {
  if (!(m > 0x1p-40)) return {};
  if (m >= 0x1p30) return {0x7fffffff, 30};
  std::int32_t shift = 0;
  for (; m >= 1.0; m *= 0.5) ++shift;
  for (; m < 0.5; m *= 2.0) --shift;
  auto q = static_cast<std::int64_t>(m * 0x1p31 + 0.5);
  if (q == std::int64_t{1} << 31) {
    q >>= 1;
    ++shift;
  }
  if (shift < -31) return {};
  return {static_cast<std::int32_t>(q), shift};
}

// The factor divided by a count of taps: what turns a sum into a mean on another grid (TFLite MEAN).
// Pre: n in [1, 2^24]. Cost: one 64-bit division.
constexpr requant divide_multiplier(requant q, std::int64_t n) noexcept {
  std::int32_t log2 = 63 - __builtin_clzll(static_cast<unsigned long long>(n));
  if (q.shift - log2 < -31) log2 = q.shift + 31;
  return {static_cast<std::int32_t>((std::int64_t{q.multiplier} << log2) / n), q.shift - log2};
}

// The nearest integer, ties to even, held in [-1024, 1024]; 0 for NaN. Adding and subtracting 1.5 * 2^23 rounds;
// clamping first gives the same result because the bounds are integers. (-ffast-math would remove it.)
constexpr std::int32_t nearest_integer(float v) noexcept {
  v = v == v ? v : 0.f;
  v = v < -1024.f ? -1024.f : v;
  v = v > 1024.f ? 1024.f : v;
  return static_cast<std::int32_t>((v + 12582912.f) - 12582912.f);
}

// The int8 grid of an output: its zero point and the range that an activation function leaves.
struct output_grid {
  std::int32_t zero = 0, min = -128, max = 127;
};

// zero + v, held in [min, max]; no v overflows.
constexpr std::int8_t onto_grid(std::int32_t v, output_grid const& g) noexcept {
  std::int32_t const lo = g.min - g.zero, hi = g.max - g.zero;
  return static_cast<std::int8_t>((v < lo ? lo : v > hi ? hi : v) + g.zero);
}

}  // namespace petra::rt
