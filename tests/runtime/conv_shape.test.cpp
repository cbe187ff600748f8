// runtime/conv_shape.hpp: windows lie in the frame, depthwise is recognized.
#include <doctest/doctest.h>

#include "petra/runtime/conv_shape.hpp"

namespace {

using namespace petra::rt;

constexpr bool windows_lie_in_the_frame() {
  conv_shape const s{.in = {4, 4, 2, 2}, .out = {2, 2, 3, 0}, .kernel_h = 3, .kernel_w = 3, .stride = 2, .pad = 1};
  conv_f32_shape const tight{.in = {4, 4, 2, 0}, .out = {2, 2, 3, 0}, .kernel_h = 3, .kernel_w = 3};
  // A row has (4 + 2 * 2) * 2 elements; a frame of 2 leaves one pixel unused by a padding of 1.
  return window(s, 0, 0) == 16 + 2 && window(s, 1, 1) == 3 * 16 + 6 && window(tight, 1, 1) == 8 + 2;
}
static_assert(windows_lie_in_the_frame());
static_assert(is_depthwise(conv_shape{.in = {4, 4, 8, 1}, .out = {4, 4, 8, 1}, .groups = 8}));
static_assert(!is_depthwise(conv_shape{.in = {4, 4, 8, 1}, .out = {4, 4, 16, 1}, .groups = 8}));
static_assert(!is_depthwise(conv_shape{.in = {4, 4, 1, 1}, .out = {4, 4, 1, 1}}));

TEST_CASE("conv_shape: windows, at run time") { CHECK(windows_lie_in_the_frame()); }

}  // namespace
