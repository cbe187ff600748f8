// The specification of the 2:4 dense layer on numbers worked out by hand.
#include "petra/kernel/reference/dense_2_4_s8.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

using namespace petra;

constexpr kernel::dense_2_4_dims dims{.m = 2, .c = 6, .o = 1, .in_zero = 1, .out_zero = 3};
constexpr std::array<std::int8_t, 12> x{1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0};
constexpr std::array<std::int8_t, 4> w{10, -20, 30, 99};
constexpr std::array<std::uint8_t, 4> place{1, 3, 0, 2};  // the last lies behind the inputs
constexpr std::array<std::int32_t, 1> bias{4};

// (2 - 1) * 10 - (4 - 1) * 20 + (5 - 1) * 30 + 4
static_assert(kernel::dense_2_4_sum(dims, x.data(), w.data(), place.data(), bias.data(), 0) == 74);

TEST_CASE("dense_2_4_s8: two rows") {
  constexpr std::array<std::int32_t, 1> half{1 << 30};
  constexpr std::array<std::int8_t, 1> shift{0};
  std::array<std::int8_t, 2> y{};
  kernel::dense_2_4_s8(kernel::scalar_tag{}, dims, x.data(), w.data(), place.data(), bias.data(), half.data(),
                       shift.data(), y.data());
  CHECK(y == std::array<std::int8_t, 2>{40, -5});  // 3 + 37, 3 + (4 - 10 + 20 - 30) / 2
}

TEST_CASE("dense_2_4_s8_f32: one product each") {
  constexpr std::array<float, 1> scale{0.5f};
  std::array<float, 2> y{};
  kernel::dense_2_4_s8_f32(kernel::scalar_tag{}, dims, x.data(), w.data(), place.data(), bias.data(), scale.data(),
                           y.data());
  CHECK(y == std::array<float, 2>{37.f, -8.f});
}

}  // namespace
