#include "petra/kernel/reference/conv2d_rounded.hpp"

#include <doctest/doctest.h>

TEST_CASE("conv2d_rounded, reference: operands are rounded, bias and sums are not") {
  using namespace petra::kernel;
  workspace ws;
  scalar_tag const tag{};
  conv2d_dims const d{1, 1, 1, 2, 1, 1, 1, 1, 0, 1};
  // 1 + 2^-9 lies in the middle between 1 and the next number of bf16, 1 + 2^-7 - 2^-9 above it.
  float const x[] = {1 + 0x1p-9f, 3}, w[] = {2, 1 + 0x1p-7f + 0x1p-9f}, bias[] = {1 + 0x1p-9f}, dy[] = {1 + 0x1p-9f};
  float packed[2], y = 0, dx[] = {10, 20}, dw[] = {1, 1};
  pack_conv2d_rounded(tag, d, w, packed, ws);
  conv2d_rounded(tag, d, x, packed, bias, &y, ws);
  CHECK(y == 1 * 2 + 3 * (1 + 0x1p-7f) + 1 + 0x1p-9f);
  pack_conv2d_gradient_rounded(tag, d, w, packed, ws);
  conv2d_backward_data_rounded(tag, d, dy, packed, dx, true, ws);
  CHECK(dx[0] == 12);
  CHECK(dx[1] == 21 + 0x1p-7f);
  conv2d_backward_data_rounded(tag, d, dy, packed, dx, false, ws);
  CHECK(dx[0] == 2);
  conv2d_backward_weight_rounded(tag, d, x, dy, dw, ws);
  CHECK(dw[0] == 2);
  CHECK(dw[1] == 4);
}
