// runtime/conv1d_shape.hpp: where things lie, and how weights are packed.
#include <doctest/doctest.h>

#include <vector>

#include "petra/runtime/conv1d_shape.hpp"

namespace {

using namespace petra;
using rt::conv1d_f32_shape, rt::conv1d_shape, rt::series_map;

TEST_CASE("series_map: frames and slices") {
  static_assert(series_map{10, 3, 2, 1}.elements() == 39);
  static_assert(series_map{10, 3, 2, 1}.origin() == 6);
  static_assert(series_map{.w = 10, .c = 3, .left = 2, .pitch = 8}.step() == 8);
  static_assert(series_map{.w = 10, .c = 3, .left = 2, .pitch = 8}.origin() == 16);
}

TEST_CASE("conv1d_shape: even taps have one more step of padding on the right") {
  static_assert(rt::same_left(39) == 19 && rt::same_right(39) == 19);
  static_assert(rt::same_left(40) == 19 && rt::same_right(40) == 20);
  static_assert(rt::same_left(3, 4) == 4 && rt::same_right(3, 4) == 4);
  static_assert(rt::window(conv1d_f32_shape{.in = {9, 5, 4, 4}, .stride = 2, .pad = 1}, 3) == 45);
}

TEST_CASE("conv1d_shape: int8 weights are padded per window, or per tap where taps lie apart") {
  conv1d_shape const together{.in = {9, 3}, .out = {9, 2}, .taps = 3},
      apart{.in = {9, 3}, .out = {9, 2}, .taps = 3, .dilation = 2};
  REQUIRE(rt::packed_size(together) == 2 * 12);
  REQUIRE(rt::packed_size(apart) == 2 * 3 * 4);
  std::vector<std::int8_t> w(18), packed(24);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<std::int8_t>(i + 1);
  rt::pack(apart, w.data(), packed.data());
  REQUIRE(packed ==
          std::vector<std::int8_t>{1, 2, 3, 0, 10, 11, 12, 0, 4, 5, 6, 0, 13, 14, 15, 0, 7, 8, 9, 0, 16, 17, 18, 0});
  rt::pack(together, w.data(), packed.data());
  REQUIRE(packed ==
          std::vector<std::int8_t>{1, 2, 3, 4, 10, 11, 12, 13, 5, 6, 7, 8, 14, 15, 16, 17, 9, 0, 0, 0, 18, 0, 0, 0});
}

}  // namespace
