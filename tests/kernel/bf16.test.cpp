#include "petra/kernel/bf16.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using petra::kernel::bf16;
using petra::kernel::to_bf16;
using petra::kernel::to_float;

namespace {

constexpr float from_bits(std::uint32_t b) { return std::bit_cast<float>(b); }

static_assert(to_bf16(1.f).bits == 0x3f80 && to_float(bf16{0x3f80}) == 1.f);
static_assert(to_bf16(-0.f).bits == 0x8000 && to_float(bf16{0xc000}) == -2.f);
// Between 1 and the next: below the middle, ties to even both ways, above.
static_assert(to_bf16(from_bits(0x3f807fff)).bits == 0x3f80);
static_assert(to_bf16(from_bits(0x3f808000)).bits == 0x3f80 && to_bf16(from_bits(0x3f818000)).bits == 0x3f82);
static_assert(to_bf16(from_bits(0x3f808001)).bits == 0x3f81);
// Carries: into the exponent, into infinity; infinity stays; denormals are rounded like the rest.
static_assert(to_bf16(from_bits(0x3fffffff)).bits == 0x4000);
static_assert(to_bf16(from_bits(0x7f7fffff)).bits == 0x7f80 && to_bf16(from_bits(0xff800000)).bits == 0xff80);
static_assert(to_bf16(from_bits(0x00008001)).bits == 1 && to_bf16(from_bits(0x007fffff)).bits == 0x0080);
// NaN: quiet, also where all set bits are cut off; the sign stays.
static_assert(to_bf16(from_bits(0x7f800001)).bits == 0x7fc0 && to_bf16(from_bits(0xffc12345)).bits == 0xffc1);

}  // namespace

TEST_CASE("bf16: every value survives the way to float and back") {
  for (std::uint32_t b = 0; b < 65536; ++b) {
    bf16 const x{static_cast<std::uint16_t>(b)};
    float const f = to_float(x);
    if (std::isnan(f)) {
      REQUIRE(to_bf16(f).bits == (b | 0x40));
    } else {
      REQUIRE(to_bf16(f) == x);
    }
  }
}

TEST_CASE("bf16: nearest, and of two as near the even one") {
  for (std::uint32_t b = 1; b < 0x7f7f0000u; b += 0x9d3b) {
    float const f = from_bits(b), down = from_bits(b & 0xffff0000u), up = from_bits((b & 0xffff0000u) + 0x10000u);
    float const got = to_float(to_bf16(f)), minus = to_float(to_bf16(-f));
    double const below = double(f) - double(down), above = double(up) - double(f);
    REQUIRE(got == (below < above || (below == above && (b >> 16) % 2 == 0) ? down : up));
    REQUIRE(minus == -got);
  }
}
