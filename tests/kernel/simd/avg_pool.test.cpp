#include "petra/kernel/simd/avg_pool.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::best;
using petra::kernel::pool2d_dims;
using petra::kernel::scalar_tag;

namespace {

void check(pool2d_dims d, index_t shift) {
  index_t const pooled = d.n * d.out_h() * d.out_w() * d.c;
  operand const x(d.n * d.h * d.w * d.c, 1, shift), dy(pooled, 2, shift);
  operand y(pooled, 3, shift), dx(x.size(), 4, shift);
  auto exact = y.values(), bound = y.values(), dxv = dx.values(), dxm = dx.magnitudes();
  petra::kernel::avg_pool(scalar_tag{}, d, x.values().data(), exact.data());
  petra::kernel::avg_pool(scalar_tag{}, d, x.magnitudes().data(), bound.data());
  petra::kernel::avg_pool(best, d, x.data(), y.data());
  REQUIRE(first_outside(y, exact, bound, static_cast<double>(d.kernel_h * d.kernel_w + 1)) == -1);
  REQUIRE(y.guarded());
  petra::kernel::avg_pool_backward(scalar_tag{}, d, dy.values().data(), dxv.data());
  petra::kernel::avg_pool_backward(scalar_tag{}, d, dy.magnitudes().data(), dxm.data());
  petra::kernel::avg_pool_backward(best, d, dy.data(), dx.data());
  REQUIRE(first_outside(dx, dxv, dxm, static_cast<double>(d.kernel_h * d.kernel_w + 1)) == -1);
  REQUIRE(dx.guarded());
}

}  // namespace

TEST_CASE("avg_pool: sizes, strides, paddings, channels and misalignments against the reference") {
  petra::random r(12);
  index_t cases = 0;
  for (index_t draw = 0; draw < 600; ++draw) {
    pool2d_dims const d{1 + r.index(2), 1 + r.index(9), 1 + r.index(9), 1 + r.index(35),
                        1 + r.index(4), 1 + r.index(4), 1 + r.index(3), r.index(3)};
    if (!d.valid()) continue;
    ++cases;
    check(d, operands::misalignments[draw % 3]);
  }
  CHECK(cases > 200);
}

TEST_CASE("avg_pool: global") {
  for (index_t const c : {1, 10, 16, 64}) check({3, 8, 8, c, 8, 8, 1, 0}, 1);
}
