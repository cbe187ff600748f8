#include "petra/kernel/reference/bf16.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace petra::kernel;

namespace {

constexpr std::uint16_t bits(std::uint32_t u) { return to_bf16(std::bit_cast<float>(u)).bits; }

static_assert(to_float(to_bf16(1.5f)) == 1.5f && to_float(bf16{0xc000}) == -2.f);
static_assert(bits(0x3f808000u) == 0x3f80, "a tie goes to the even neighbor below");
static_assert(bits(0x3f818000u) == 0x3f82, "a tie goes to the even neighbor above");
static_assert(bits(0x3f808001u) == 0x3f81 && bits(0x3f807fffu) == 0x3f80);
static_assert(bits(0x7f7fffffu) == 0x7f80, "the largest float rounds to infinity");
static_assert(bits(0x7f800000u) == 0x7f80 && bits(0xff800000u) == 0xff80);
static_assert(bits(0x7f800001u) == 0x7fc0, "a NaN whose payload would be cut off stays NaN");
static_assert(bits(0xffc12345u) == 0xffc1);
static_assert(bits(0x00000001u) == 0 && bits(0x00018000u) == 0x0002 && bits(0x80000000u) == 0x8000);

}  // namespace

TEST_CASE("bf16, reference: the nearest of all bfloat16 numbers") {
  for (std::uint32_t u = 0; u < 0x7f800000u; u += 0x3777u) {
    float const x = std::bit_cast<float>(u), found = to_float(to_bf16(x));
    if (std::isinf(found)) continue;
    double const error = std::fabs(static_cast<double>(found) - static_cast<double>(x));
    auto const near = static_cast<std::uint16_t>(u >> 16);
    for (int step = 0; step < 2; ++step) {
      double const other = static_cast<double>(to_float(bf16{static_cast<std::uint16_t>(near + step)}));
      REQUIRE(error <= std::fabs(other - static_cast<double>(x)));
    }
  }
}

TEST_CASE("bf16, reference: what is a bfloat16 already comes back") {
  for (std::uint32_t u = 0; u < 0x10000u; ++u) {
    bf16 const x{static_cast<std::uint16_t>(u)};
    if (std::isnan(to_float(x)))
      REQUIRE(std::isnan(to_float(to_bf16(to_float(x)))));
    else
      REQUIRE(to_bf16(to_float(x)) == x);
  }
}
