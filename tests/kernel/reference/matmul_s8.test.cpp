// kernel/reference/matmul_s8.hpp: by hand, and row by row a dense layer.
#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/dense_s8.hpp"
#include "petra/kernel/reference/matmul_s8.hpp"

namespace {

using namespace petra;

constexpr std::array<std::int8_t, 6> x{11, 12, 13, 10, 10, 9};  // 1 2 3 and 0 0 -1 above the zero point 10
constexpr std::array<std::int8_t, 6> w{1, 1, 1, 2, 0, -127};    // (N,K)
constexpr std::array<std::int32_t, 2> bias{4, 9};
constexpr kernel::matmul_s8_dims dims{.m = 2, .n = 2, .k = 3, .in_zero = 10, .out_zero = -1, .out_max = 60};

constexpr bool sums() {
  std::array<std::int32_t, 4> y{};
  kernel::matmul_s8_s32(kernel::scalar_tag{}, dims, x.data(), w.data(), bias.data(), y.data());
  return y == std::array<std::int32_t, 4>{10, -370, 3, 136};
}
static_assert(sums());

constexpr bool requantizes() {
  std::array<std::int32_t, 2> const multiplier{1 << 30, 1 << 30};
  std::array<std::int8_t, 2> const shift{0, -1};
  std::array<std::int8_t, 4> y{};
  kernel::matmul_s8(kernel::scalar_tag{}, dims, x.data(), w.data(), bias.data(), multiplier.data(), shift.data(),
                    y.data());
  // 5 - 1, -92.5 -> -92 (up) - 1; 1.5 -> 2 - 1, 34 - 1
  return y == std::array<std::int8_t, 4>{4, -93, 1, 33};
}
static_assert(requantizes());

TEST_CASE("matmul_s8 reference: by hand, at run time") {
  CHECK(sums());
  CHECK(requantizes());
}

TEST_CASE("matmul_s8 reference: every row is a dense layer") {
  constexpr index_t m = 4, n = 5, k = 9;
  petra::random r(key(1));
  std::array<std::int8_t, m * k> in{};
  std::array<std::int8_t, n * k> weights{};
  for (auto& e : in) e = static_cast<std::int8_t>(r.index(256) - 128);
  for (auto& e : weights) e = static_cast<std::int8_t>(r.index(255) - 127);
  std::array<std::int32_t, n> const start{5, -70, 900, 0, 33},
      multiplier{1 << 30, 2000000000, 1 << 30, 1 << 30, 1 << 30};
  std::array<std::int8_t, n> const shift{-9, -10, -8, -7, -9};
  std::array<std::int8_t, m * n> y{}, want{};
  kernel::matmul_s8<kernel::round_twice>(kernel::scalar_tag{}, {.m = m, .n = n, .k = k, .in_zero = -3, .out_zero = 7},
                                         in.data(), weights.data(), start.data(), multiplier.data(), shift.data(),
                                         y.data());
  for (index_t i = 0; i < m; ++i)
    kernel::dense_s8<kernel::round_twice>(kernel::scalar_tag{}, {.c = k, .o = n, .in_zero = -3, .out_zero = 7},
                                          in.data() + i * k, weights.data(), start.data(), multiplier.data(),
                                          shift.data(), want.data() + i * n);
  CHECK(y == want);
}

}  // namespace
