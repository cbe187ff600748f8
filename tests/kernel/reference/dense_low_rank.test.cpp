// The specification of low-rank dense layers on numbers worked out by hand.
#include "petra/kernel/reference/dense_low_rank.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

using namespace petra;

TEST_CASE("dense_low_rank_f32: rank 1") {
  constexpr std::array<float, 4> x{1, 2, -1, 0}, u{3, -3, 0.5f, 1};
  constexpr std::array<float, 2> v{2, 1};
  constexpr std::array<float, 1> bias_v{1};
  constexpr std::array<float, 4> bias_u{0, 0, 10, -20};
  std::array<float, 2> t{};
  std::array<float, 8> y{};
  kernel::dense_low_rank_f32(kernel::scalar_tag{}, {.m = 2, .c = 2, .rank = 1, .o = 4, .relu = true}, x.data(),
                             v.data(), bias_v.data(), u.data(), bias_u.data(), t.data(), y.data());
  CHECK(t == std::array<float, 2>{5, -1});
  CHECK(y == std::array<float, 8>{15, 0, 12.5f, 0, 0, 3, 9.5f, 0});
}

TEST_CASE("dense_low_rank_s8: the numbers between the factors are held on their grid") {
  constexpr std::array<std::int8_t, 2> x{11, 12}, v{100, 50}, u{2, -4};
  constexpr std::array<std::int32_t, 2> bias{0, 0}, half{1 << 30, 1 << 30};
  constexpr std::array<std::int8_t, 2> shift{0, 0};
  std::array<std::int8_t, 1> t{};
  std::array<std::int8_t, 2> y{};
  kernel::dense_low_rank_s8(kernel::scalar_tag{},
                            {.c = 2, .rank = 1, .o = 2, .in_zero = 10, .mid_zero = 27, .mid_max = 57, .out_zero = 1},
                            x.data(), {v.data(), bias.data(), half.data(), shift.data()},
                            {u.data(), bias.data(), half.data(), shift.data()}, t.data(), y.data());
  CHECK(t[0] == 57);  // 27 + 200 / 2, held
  CHECK(y == std::array<std::int8_t, 2>{31, -59});
}

}  // namespace
