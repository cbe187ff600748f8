// kernel/reference/conv1d.hpp by hand.
#include <doctest/doctest.h>

#include "petra/kernel/reference/conv1d.hpp"

namespace {

using namespace petra;

TEST_CASE("conv1d: taps, stride, dilation and padding") {
  double const x[] = {1, 2, 3, 4, 5}, w[] = {1, 10, 100}, b[] = {1000};
  double y[5] = {};
  kernel::conv1d(kernel::scalar_tag{}, {.w = 5, .taps = 3, .left = 1, .right = 1}, x, w, b, y);
  REQUIRE(y[0] == 1000 + 10 + 200);
  REQUIRE(y[2] == 1000 + 2 + 30 + 400);
  REQUIRE(y[4] == 1000 + 4 + 50);
  kernel::conv1d_dims const d{.w = 5, .taps = 3, .stride = 2, .dilation = 2, .left = 2, .right = 2};
  REQUIRE(d.out_w() == 3);
  kernel::conv1d(kernel::scalar_tag{}, d, x, w, static_cast<double const*>(nullptr), y);
  REQUIRE(y[0] == 10 + 300);
  REQUIRE(y[1] == 1 + 30 + 500);
  REQUIRE(y[2] == 3 + 50);
}

TEST_CASE("conv1d: channels, outputs and several series") {
  float const x[] = {1, 2, 3, 4}, w[] = {1, 10, 2, 20};
  float y[4] = {};
  kernel::conv1d(kernel::scalar_tag{}, {.n = 2, .w = 1, .c = 2, .o = 2}, x, w, static_cast<float const*>(nullptr), y);
  REQUIRE(y[0] == 21);
  REQUIRE(y[1] == 42);
  REQUIRE(y[2] == 43);
  REQUIRE(y[3] == 86);
}

}  // namespace
