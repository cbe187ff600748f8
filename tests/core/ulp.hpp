// Errors of functions of vectors of floats, over all floats there are.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>

#include "petra/core/config.hpp"

namespace ulp {

using f32v [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = float;
inline constexpr std::uint32_t lanes = PETRA_VECTOR_BYTES / 4;
// Whether the compiler makes one instruction of a product and a sum: it needs a machine that has one, and g++ also -O2.
inline bool fused() {
  float const volatile x = 1 + 0x1p-12f;
  f32v const v = x - f32v{}, square = f32v{} + (1 + 0x1p-11f);  // of x, rounded
  return (v * v - square)[0] != 0;
}

inline float as_float(std::uint32_t b) { return std::bit_cast<float>(b); }

// Distance of floats around y, a denormal's at the least.
inline double unit(double y) {
  y = std::fabs(y);
  if (y < 0x1p-126) return 0x1p-149;
  return std::ldexp(1.0, std::ilogb(y) - 23);
}

struct range {
  std::uint32_t first, last, stride;  // bits of floats
};
// Every binade of either sign, 2^23 / 12289 = 683 floats in each.
inline constexpr range positive{0, 0x7f7fffff, 12289}, negative{0x80000000u, 0xff7fffffu, 12289};
// All floats of a binade (emulated: every eighth).
constexpr range binade(float from) {
  auto const b = std::bit_cast<std::uint32_t>(from);
#if defined(__x86_64__)
  return {b, b + 0x7fffff, 1};
#else
  return {b, b + 0x7fffff, 8};
#endif
}

// Whether |f - exact| <= allowed(x, exact) for every float of the range; NaN never is. `at` says where not.
template <class F, class Exact, class Allowed>
bool within(range r, F f, Exact exact, Allowed allowed, float& at) {
  for (std::uint64_t b = r.first; b <= r.last; b += std::uint64_t{lanes} * r.stride) {
    f32v x{};
    for (std::uint32_t i = 0; i < lanes; ++i) {
      std::uint64_t const bits = b + std::uint64_t{i} * r.stride;
      x[i] = as_float(static_cast<std::uint32_t>(bits < r.last ? bits : r.last));
    }
    f32v const y = f(x);
    for (std::uint32_t i = 0; i < lanes; ++i) {
      double const v = static_cast<double>(x[i]), want = exact(v), got = static_cast<double>(y[i]);
      if (want > 0x1.fffffep127 && got > 0x1.fffff0p127) continue;  // overflow, or a rounding away from it
      if (!(std::fabs(got - want) <= allowed(v, want))) {
        at = x[i];
        return false;
      }
    }
  }
  return true;
}

// All binades, and every float of two.
template <class F, class Exact, class Allowed>
bool everywhere(F f, Exact exact, Allowed allowed, float& at) {
  return within(positive, f, exact, allowed, at) && within(negative, f, exact, allowed, at) &&
         within(binade(1.f), f, exact, allowed, at) && within(binade(-4.f), f, exact, allowed, at);
}

// f of one float.
template <class F>
float one(F f, float x) {
  return f(x - f32v{})[0];
}

}  // namespace ulp
