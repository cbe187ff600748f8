// The specification of the int4 dense layer on numbers worked out by hand.
#include "petra/kernel/reference/dense_s4_s8.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

using namespace petra;

constexpr kernel::dense_s4_dims dims{.m = 2, .c = 3, .o = 2, .group = 2, .in_zero = 1, .out_zero = -4, .out_max = 20};
constexpr std::array<std::int8_t, 6> x{3, 1, 5, -1, 0, 1};
constexpr std::array<std::int8_t, 6> w{7, -8, 2, -1, 3, -4};
constexpr std::array<std::int8_t, 4> scale{1, 2, 3, 4};
constexpr std::array<std::int32_t, 2> bias{10, 20};

// Row 0: x - 1 = 2 0 4. Output 0: 10 + 1 * (14) + 2 * (8) = 40; output 1: 20 + 3 * (-2) + 4 * (-16) = -50.
// Row 1: x - 1 = -2 -1 0. Output 0: 10 + 1 * (-14 + 8) = 4; output 1: 20 + 3 * (2 - 3) = 17.
static_assert(kernel::dense_s4_sum(dims, x.data(), w.data(), scale.data(), bias.data(), 0) == 40);
static_assert(kernel::dense_s4_sum(dims, x.data(), w.data(), scale.data(), bias.data(), 1) == -50);

TEST_CASE("dense_s4_s8: two groups, the second shorter") {
  constexpr std::array<std::int32_t, 2> multiplier{1 << 30, 1 << 30};
  constexpr std::array<std::int8_t, 2> shift{0, 0};
  std::array<std::int8_t, 4> y{};
  kernel::dense_s4_s8(kernel::scalar_tag{}, dims, x.data(), w.data(), scale.data(), bias.data(), multiplier.data(),
                      shift.data(), y.data());
  CHECK(y == std::array<std::int8_t, 4>{16, -29, -2, 5});  // 20 - 4, -25 - 4, 2 - 4, 8.5 rounded up - 4
}

TEST_CASE("dense_s4_s8_f32: one product each") {
  constexpr std::array<float, 2> out_scale{0.5f, 2.f};
  std::array<float, 4> y{};
  kernel::dense_s4_s8_f32(kernel::scalar_tag{}, dims, x.data(), w.data(), scale.data(), bias.data(), out_scale.data(),
                          y.data());
  CHECK(y == std::array<float, 4>{20.f, -100.f, 2.f, 34.f});
}

}  // namespace
