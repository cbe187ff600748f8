#include "petra/kernel/pool2d_dims.hpp"

#include <doctest/doctest.h>

using petra::kernel::pool2d_dims;

namespace {

constexpr pool2d_dims d{1, 5, 7, 3, 3, 2, 2, 1};
static_assert(d.valid() && d.out_h() == 3 && d.out_w() == 4);
static_assert(d.window(0, 0).top == 0 && d.window(0, 0).bottom == 2 && d.window(0, 0).left == 0 &&
              d.window(0, 0).right == 1);
static_assert(d.window(1, 2).count() == 6);
static_assert(d.window(2, 3).bottom == 5 && d.window(2, 3).right == 7);

}  // namespace

TEST_CASE("pool2d_dims: no window of valid dims is empty") {
  for (petra::index_t size = 1; size < 8; ++size)
    for (petra::index_t kernel = 1; kernel < 5; ++kernel)
      for (petra::index_t stride = 1; stride < 5; ++stride)
        for (petra::index_t pad = 0; pad < kernel; ++pad) {
          pool2d_dims const p{1, size, size, 1, kernel, kernel, stride, pad};
          if (!p.valid()) continue;
          for (petra::index_t y = 0; y < p.out_h(); ++y) REQUIRE(p.window(y, y).count() > 0);
        }
  CHECK_FALSE(pool2d_dims{1, 4, 4, 1, 2, 2, 2, 2}.valid());  // a window may lie wholly on the padding
  CHECK_FALSE(pool2d_dims{1, 1, 1, 1, 2, 2, 2, 0}.valid());
}
