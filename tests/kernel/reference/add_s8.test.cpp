// kernel/reference/add_s8.hpp: by hand, and half a step of the real sum.
#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "petra/kernel/reference/add_s8.hpp"

namespace {

using namespace petra;

// Both inputs on a grid of 1, the output on a grid of 2: m = 2, inner factors 1/2, outer factor 2 / (2^20 * 2) = 2^-20.
constexpr kernel::add_s8_grids grids{.a_zero = 1,
                                     .b_zero = -2,
                                     .a_multiplier = 1 << 30,
                                     .a_shift = 0,
                                     .b_multiplier = 1 << 30,
                                     .b_shift = 0,
                                     .out_multiplier = 1 << 30,
                                     .out_shift = -19,
                                     .out_zero = 5};

constexpr bool adds() {
  std::array<std::int8_t, 4> const a{5, 1, -128, 127}, b{8, -2, -128, 127};
  std::array<std::int8_t, 4> y{};
  kernel::add_s8(kernel::scalar_tag{}, 4, grids, a.data(), b.data(), y.data());
  // (4 + 10) / 2 + 5, 0 + 5, (-129 - 126) / 2 + 5 = -122.5 -> -122, (126 + 129) / 2 + 5 = 132.5 -> clamped
  return y == std::array<std::int8_t, 4>{12, 5, -122, 127};
}
static_assert(adds());

TEST_CASE("add_s8 reference: by hand, at run time") { CHECK(adds()); }

TEST_CASE("add_s8 reference: half a step of the real sum, both roundings") {
  for (int i = -128; i < 128; ++i)
    for (int j = -128; j < 128; j += 3) {
      auto const a = static_cast<std::int8_t>(i), b = static_cast<std::int8_t>(j);
      std::int8_t once = 0, twice = 0;
      kernel::add_s8<kernel::round_once>(kernel::scalar_tag{}, 1, grids, &a, &b, &once);
      kernel::add_s8<kernel::round_twice>(kernel::scalar_tag{}, 1, grids, &a, &b, &twice);
      double const want = std::fmin(std::fmax((i - 1 + j + 2) / 2.0 + 5, -128), 127);
      REQUIRE(std::abs(once - want) <= 0.5);
      REQUIRE(std::abs(twice - want) <= 0.5);
    }
}

}  // namespace
