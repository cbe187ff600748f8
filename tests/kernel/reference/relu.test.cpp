#include "petra/kernel/reference/relu.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

namespace {

template <class T>
constexpr bool by_hand() {
  std::array<T, 4> const x{-2, 0, 3, T(-0.5)}, dy{1, 2, 4, 8};
  std::array<T, 4> y{}, dx{100, 100, 100, 100};
  petra::kernel::relu(petra::kernel::scalar_tag{}, 4, x.data(), y.data());
  petra::kernel::relu_backward(petra::kernel::scalar_tag{}, 4, y.data(), dy.data(), dx.data());
  std::array<T, 4> masked{5, 5, 5, 5};
  petra::kernel::relu_mask(petra::kernel::scalar_tag{}, 4, y.data(), dy.data(), masked.data());
  return y == std::array<T, 4>{0, 0, 3, 0} && dx == std::array<T, 4>{100, 100, 104, 100} &&
         masked == std::array<T, 4>{0, 0, 4, 0};
}
static_assert(by_hand<float>() && by_hand<double>());

}  // namespace

TEST_CASE("relu, reference: by hand; NaN stays NaN") {
  CHECK(by_hand<float>());
  CHECK(by_hand<double>());
  float x = std::numeric_limits<float>::quiet_NaN();
  petra::kernel::relu(petra::kernel::scalar_tag{}, 1, &x, &x);
  CHECK(std::isnan(x));
}
