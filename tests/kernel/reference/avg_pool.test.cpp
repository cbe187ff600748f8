#include "petra/kernel/reference/avg_pool.hpp"

#include <doctest/doctest.h>

#include <array>

using petra::kernel::avg_pool;
using petra::kernel::avg_pool_backward;
using petra::kernel::scalar_tag;

namespace {

// 3x3 picture, kernel 2, stride 2, padding 1: windows of 1, 2, 2 and 4 taps.
template <class T>
constexpr bool by_hand() {
  std::array<T, 9> const x{1, 2, 4, 8, 16, 32, 64, 128, 256};
  std::array<T, 4> y{};
  avg_pool(scalar_tag{}, {1, 3, 3, 1, 2, 2, 2, 1}, x.data(), y.data());
  std::array<T, 4> const dy{1, 2, 4, 8};
  std::array<T, 9> dx{};
  dx[0] = 100;
  avg_pool_backward(scalar_tag{}, {1, 3, 3, 1, 2, 2, 2, 1}, dy.data(), dx.data());
  return y == std::array<T, 4>{1, 3, 36, 108} && dx == std::array<T, 9>{101, 1, 1, 2, 2, 2, 2, 2, 2};
}
static_assert(by_hand<float>() && by_hand<double>());

// Global: 2x2 picture, 2 channels.
constexpr bool global() {
  std::array<float, 8> const x{1, 10, 2, 20, 3, 30, 6, 60};
  std::array<float, 2> y{};
  avg_pool(scalar_tag{}, {1, 2, 2, 2, 2, 2, 1, 0}, x.data(), y.data());
  return y == std::array<float, 2>{3, 30};
}
static_assert(global());

}  // namespace

TEST_CASE("avg_pool, reference: by hand, only taps inside the picture count") {
  CHECK(by_hand<float>());
  CHECK(by_hand<double>());
  CHECK(global());
}
