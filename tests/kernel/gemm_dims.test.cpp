#include "petra/kernel/gemm_dims.hpp"

#include <doctest/doctest.h>

TEST_CASE("gemm_dims: rows, columns, depth, in this order") {
  constexpr petra::kernel::gemm_dims d{2, 3, 4};
  static_assert(d.m == 2 && d.n == 3 && d.k == 4);
  CHECK(petra::kernel::gemm_dims{.m = 1, .n = 2, .k = 3}.k == 3);
}
