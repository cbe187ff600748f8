#include "petra/kernel/reference/max_pool.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

using petra::kernel::max_pool;
using petra::kernel::max_pool_backward;
using petra::kernel::pool2d_dims;
using petra::kernel::scalar_tag;

namespace {

// 3x3 pictures of negative numbers, 2 samples, kernel 2, stride 2, padding 1: the padding never wins.
constexpr bool by_hand() {
  std::array<float, 18> const x{-9, -1, -2, -3, -4, -5, -6, -7, -8, -1, -1, -1, -1, -1, -1, -1, -1, -1};
  std::array<float, 8> y{};
  std::array<std::int32_t, 8> at{};
  pool2d_dims const d{2, 3, 3, 1, 2, 2, 2, 1};
  max_pool(scalar_tag{}, d, x.data(), y.data(), at.data());
  std::array<float, 8> const dy{1, 2, 3, 4, 5, 6, 7, 8};
  std::array<float, 18> dx{};
  dx[0] = 100;
  max_pool_backward(scalar_tag{}, d, at.data(), dy.data(), dx.data());
  return y == std::array<float, 8>{-9, -1, -3, -4, -1, -1, -1, -1} &&
         at == std::array<std::int32_t, 8>{0, 1, 3, 4, 0, 1, 3, 4} &&  // of equal ones the first
         dx == std::array<float, 18>{101, 2, 0, 3, 4, 0, 0, 0, 0, 5, 6, 0, 7, 8, 0, 0, 0, 0};
}
static_assert(by_hand());

// Two channels, overlapping windows that share their maximum.
constexpr bool channels_and_overlap() {
  std::array<double, 6> const x{1, 30, 5, 20, 2, 10};
  std::array<double, 4> y{};
  std::array<std::int32_t, 4> at{};
  pool2d_dims const d{1, 1, 3, 2, 1, 2, 1, 0};
  max_pool(scalar_tag{}, d, x.data(), y.data(), at.data());
  std::array<double, 4> const dy{1, 10, 100, 1000};
  std::array<double, 6> dx{};
  max_pool_backward(scalar_tag{}, d, at.data(), dy.data(), dx.data());
  return y == std::array<double, 4>{5, 30, 5, 20} && at == std::array<std::int32_t, 4>{2, 1, 2, 3} &&
         dx == std::array<double, 6>{0, 10, 101, 1000, 0, 0};
}
static_assert(channels_and_overlap());

}  // namespace

TEST_CASE("max_pool, reference: by hand; a NaN wins") {
  CHECK(by_hand());
  CHECK(channels_and_overlap());
  float const nan = std::numeric_limits<float>::quiet_NaN();
  for (int place = 0; place < 3; ++place) {
    std::array<float, 3> x{1, 2, 3};
    x[static_cast<std::size_t>(place)] = nan;
    float y = 0;
    std::int32_t at = -1;
    max_pool(scalar_tag{}, {1, 1, 3, 1, 1, 3, 1, 0}, x.data(), &y, &at);
    CHECK(std::isnan(y));
    CHECK(at == place);
  }
}
