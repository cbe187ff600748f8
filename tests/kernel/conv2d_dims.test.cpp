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
  CHECK_FALSE(valid({1, 3, 3, 4, 4, 3, 3, 1, -1, 1}));
  CHECK_FALSE(valid({1, 3, 3, 0, 4, 3, 3, 1, 0, 1}));
}
