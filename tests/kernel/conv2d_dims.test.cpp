#include "petra/kernel/conv2d_dims.hpp"

#include <doctest/doctest.h>

using petra::kernel::conv2d_dims;

namespace {

constexpr conv2d_dims plain{2, 32, 30, 16, 24, 3, 3, 1, 1, 1};
static_assert(plain.valid() && plain.out_h() == 32 && plain.out_w() == 30 && plain.patch() == 144);
static_assert(plain.macs() == 2 * 32 * 30 * 24 * 144 && !plain.depthwise());

constexpr conv2d_dims strided{1, 7, 8, 4, 4, 3, 2, 2, 0, 2};
static_assert(strided.out_h() == 3 && strided.out_w() == 4 && strided.group_c() == 2 && strided.patch() == 12);

static_assert(conv2d_dims{1, 4, 4, 8, 8, 3, 3, 1, 1, 8}.depthwise());
static_assert(!conv2d_dims{1, 4, 4, 8, 16, 3, 3, 1, 1, 8}.depthwise());
static_assert(!conv2d_dims{1, 4, 4, 1, 1, 3, 3, 1, 1, 1}.depthwise());

// A causal convolution along series, taps 3 pixels apart; strides and paddings of their own.
constexpr conv2d_dims series{4, 1, 50, 8, 8, 1, 5, 1, {0, 0, 12, 0}, 1, {1, 3}};
static_assert(series.reach_w() == 13 && series.out_h() == 1 && series.out_w() == 50 && series.patch() == 40);
constexpr conv2d_dims uneven{1, 8, 9, 2, 2, 2, 3, {1, 2}, {0, 1, 2, 0}, 1, {2, 1}};
static_assert(uneven.out_h() == 7 && uneven.out_w() == 5);

// Flattened: series are rows of one picture, as many as fit; pixels of 1x1 kernels are one row.
static_assert(series.flattened(200).n == 1 && series.flattened(200).h == 4);
static_assert(series.flattened(100).n == 2 && series.flattened(100).h == 2);
static_assert(series.flattened(10).n == 4 && series.flattened(10).h == 1);
static_assert(plain.flattened(100000).n == 2 && plain.flattened(100000).h == 32);
constexpr conv2d_dims point{3, 4, 5, 2, 2, 1, 1, 1, 0, 1};
static_assert(point.flattened(60).n == 1 && point.flattened(60).h == 1 && point.flattened(60).w == 60);
static_assert(point.flattened(1).n == 3 && point.flattened(1).h == 1 && point.flattened(1).w == 20);
static_assert(conv2d_dims{3, 5, 4, 2, 2, 1, 1, 2, 0, 1}.flattened(100).n == 3);  // rows of two pictures differ

constexpr bool valid(conv2d_dims d) { return d.valid(); }

}  // namespace

TEST_CASE("conv2d_dims: what a kernel refuses") {
  CHECK(valid({1, 3, 3, 4, 4, 3, 3, 1, 0, 2}));
  CHECK(valid({0, 3, 3, 4, 4, 3, 3, 1, 0, 1}));        // no samples
  CHECK_FALSE(valid({1, 3, 3, 4, 4, 5, 3, 1, 0, 1}));  // kernel larger than the picture
  CHECK(valid({1, 3, 3, 4, 4, 5, 3, 1, 1, 1}));
  CHECK_FALSE(valid({1, 3, 3, 4, 6, 3, 3, 1, 0, 4}));  // groups do not divide o
  CHECK_FALSE(valid({1, 3, 3, 6, 4, 3, 3, 1, 0, 4}));  // nor c
  CHECK_FALSE(valid({1, 3, 3, 4, 4, 3, 3, 0, 0, 1}));
  CHECK_FALSE(valid({1, 3, 3, 4, 4, 3, 3, {1, 0}, 0, 1}));
  CHECK_FALSE(valid({1, 3, 3, 4, 4, 3, 3, 1, -1, 1}));
  CHECK_FALSE(valid({1, 3, 3, 4, 4, 3, 3, 1, {0, 0, 2, -1}, 1}));
  CHECK_FALSE(valid({1, 3, 3, 4, 4, 3, 3, 1, 0, 1, 0}));
  CHECK_FALSE(valid({1, 3, 3, 4, 4, 3, 3, 1, 0, 1, {1, 2}}));  // five columns are seen
  CHECK(valid({1, 3, 3, 4, 4, 3, 3, 1, {0, 0, 2, 0}, 1, {1, 2}}));
  CHECK_FALSE(valid({1, 3, 3, 0, 4, 3, 3, 1, 0, 1}));
}
