// kernel/reference/quantize_s8.hpp: by hand, and against the C library's rounding.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/quantize_s8.hpp"

namespace {

using namespace petra;

constexpr bool rounds_to_even() {
  std::array<float, 8> const x{0.5f, 1.5f, -0.5f, -1.5f, 2.4f, 1e9f, -1e9f, -0.25f};
  std::array<std::int8_t, 8> y{};
  kernel::quantize_s8(kernel::scalar_tag{}, 8, x.data(), 1.f, 3, y.data());
  return y == std::array<std::int8_t, 8>{3, 5, 3, 1, 5, 127, -128, 3};
}
static_assert(rounds_to_even());

constexpr bool comes_back() {
  std::array<std::int8_t, 3> const q{-128, 3, 127};
  std::array<float, 3> x{};
  kernel::dequantize_s8(kernel::scalar_tag{}, 3, q.data(), 0.5f, 3, x.data());
  return x == std::array<float, 3>{-65.5f, 0.f, 62.f};
}
static_assert(comes_back());

constexpr bool moves_to_another_grid() {
  std::array<std::int8_t, 3> const x{-128, 4, 127};
  std::array<std::int8_t, 3> y{};
  kernel::requantize_s8(kernel::scalar_tag{}, 3,
                        {.in_zero = 2, .multiplier = 1 << 30, .shift = 0, .out_zero = 10, .out_min = 10}, x.data(),
                        y.data());
  return y == std::array<std::int8_t, 3>{10, 11, 73};  // 62.5 goes up
}
static_assert(moves_to_another_grid());

TEST_CASE("quantize_s8 reference: by hand, at run time") {
  CHECK(rounds_to_even());
  CHECK(comes_back());
  CHECK(moves_to_another_grid());
}

TEST_CASE("quantize_s8 reference: not a number, infinities, and the C library's rounding") {
  float const inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  std::array<float, 3> const odd{nan, inf, -inf};
  std::array<std::int8_t, 3> y{};
  kernel::quantize_s8(kernel::scalar_tag{}, 3, odd.data(), 0.1f, -7, y.data());
  CHECK(y == std::array<std::int8_t, 3>{-7, 127, -128});
  petra::random r(key(3));
  for (int i = 0; i < 20000; ++i) {
    float const x = r.normal() * (i % 2 == 0 ? 1.f : 0.01f), scale = r.uniform(0.001f, 0.1f);
    std::int8_t q = 0;
    kernel::quantize_s8(kernel::scalar_tag{}, 1, &x, scale, 5, &q);
    float const want = std::fmin(std::fmax(std::nearbyint(x / scale) + 5.f, -128.f), 127.f);
    REQUIRE(static_cast<float>(q) == want);
  }
}

}  // namespace
