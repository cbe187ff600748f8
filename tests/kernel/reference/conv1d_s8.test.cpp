// kernel/reference/conv1d_s8.hpp by hand.
#include <doctest/doctest.h>

#include "petra/kernel/reference/conv1d_s8.hpp"

namespace {

using namespace petra;

TEST_CASE("conv1d_s8: padding is a real zero, results are rounded and held") {
  std::int8_t const x[] = {10, 20, 30}, w[] = {1, 2, 3};
  std::int32_t const bias[] = {4}, multiplier[] = {1 << 30};
  std::int8_t const shift[] = {0};  // a half
  std::int8_t y[3] = {};
  kernel::conv1d_s8(kernel::scalar_tag{}, {.w = 3, .taps = 3, .left = 1, .right = 1},
                    {.in_zero = 5, .out_zero = -3, .out_min = -3, .out_max = 50}, x, w, bias, multiplier, shift, y);
  REQUIRE(y[0] == -3 + (4 + 2 * 5 + 3 * 15 + 1) / 2);
  REQUIRE(y[1] == 50);  // -3 + (4 + 5 + 30 + 75) / 2 = 54, held
  REQUIRE(y[2] == -3 + (4 + 15 + 50 + 1) / 2);
}

}  // namespace
