// kernel/reference/pool_s8.hpp: by hand.
#include <doctest/doctest.h>

#include <array>

#include "petra/kernel/reference/pool_s8.hpp"

namespace {

using namespace petra;
using kernel::pool_s8_dims;

constexpr std::array<std::int8_t, 9> picture{-9, -8, -7, -6, -5, -4, -3, -2, -1};

// Padding never wins, not even over negative values.
constexpr bool takes_the_largest() {
  std::array<std::int8_t, 4> y{};
  kernel::max_pool_s8(kernel::scalar_tag{}, {.h = 3, .w = 3, .kernel_h = 3, .kernel_w = 3, .stride = 2, .pad = 1},
                      picture.data(), y.data());
  return y == std::array<std::int8_t, 4>{-5, -4, -2, -1};
}
static_assert(takes_the_largest());

// Corner windows hold four taps; the zero point is 1, the grids are equal.
constexpr bool counts_taps_inside() {
  std::array<std::int8_t, 4> y{};
  kernel::avg_pool_s8(
      kernel::scalar_tag{},
      {.h = 3, .w = 3, .kernel_h = 3, .kernel_w = 3, .stride = 2, .pad = 1, .in_zero = 1, .out_zero = 1},
      picture.data(), y.data());
  return y == std::array<std::int8_t, 4>{-7, -6, -4, -3};
}
static_assert(counts_taps_inside());

// The whole picture, from a grid of 1 to one of 2: mean -5, (-5 - 1) / 2 + 20 = 17; 9 taps are no power of two.
constexpr bool moves_to_another_grid() {
  std::array<std::int8_t, 1> once{}, twice{};
  pool_s8_dims const d{
      .h = 3, .w = 3, .kernel_h = 3, .kernel_w = 3, .in_zero = 1, .multiplier = 1 << 30, .shift = 0, .out_zero = 20};
  kernel::avg_pool_s8<kernel::round_once>(kernel::scalar_tag{}, d, picture.data(), once.data());
  kernel::avg_pool_s8<kernel::round_twice>(kernel::scalar_tag{}, d, picture.data(), twice.data());
  return once[0] == 17 && twice[0] == 17;
}
static_assert(moves_to_another_grid());

TEST_CASE("pool_s8 reference: by hand, at run time") {
  CHECK(takes_the_largest());
  CHECK(counts_taps_inside());
  CHECK(moves_to_another_grid());
}

}  // namespace
