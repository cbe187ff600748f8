#include "petra/kernel/simd/max_pool.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::best;
using petra::kernel::pool2d_dims;
using petra::kernel::scalar_tag;

namespace {

void check(pool2d_dims d, index_t shift, bool with_nan) {
  operand x(d.n * d.h * d.w * d.c, 1, shift);
  for (index_t i = 0; i < x.size(); i += 7) x.data()[i] = 0.5f;  // ties
  if (with_nan)
    for (index_t i = 0; i < x.size(); i += 31) x.data()[i] = std::numeric_limits<float>::quiet_NaN();
  index_t const pooled = d.n * d.out_h() * d.out_w() * d.c;
  operand y(pooled, 2, shift), expected(pooled, 2, shift);
  std::vector<std::int32_t> at(static_cast<std::size_t>(pooled)), at_expected = at;
  petra::kernel::max_pool(scalar_tag{}, d, x.data(), expected.data(), at_expected.data());
  petra::kernel::max_pool(best, d, x.data(), y.data(), at.data());
  REQUIRE(identical(y, expected));
  REQUIRE(at == at_expected);
  REQUIRE(y.guarded());
}

}  // namespace

TEST_CASE("max_pool: sizes, strides, paddings, channels and misalignments, exactly the reference") {
  petra::random r(11);
  index_t cases = 0;
  for (index_t draw = 0; draw < 600; ++draw) {
    pool2d_dims const d{1 + r.index(2), 1 + r.index(9), 1 + r.index(9), 1 + r.index(35),
                        1 + r.index(4), 1 + r.index(4), 1 + r.index(3), r.index(3)};
    if (!d.valid()) continue;
    ++cases;
    check(d, operands::misalignments[draw % 3], draw % 4 == 0);
  }
  CHECK(cases > 200);
}

TEST_CASE("max_pool_backward: sizes, strides, paddings, channels and misalignments, exactly the reference") {
  petra::random r(12);
  index_t cases = 0;
  for (index_t draw = 0; draw < 600; ++draw) {
    pool2d_dims const d{1 + r.index(2), 1 + r.index(9), 1 + r.index(9), 1 + r.index(40),
                        1 + r.index(4), 1 + r.index(4), 1 + r.index(3), r.index(3)};
    if (!d.valid()) continue;
    ++cases;
    index_t const shift = operands::misalignments[draw % 3], pooled = d.n * d.out_h() * d.out_w() * d.c;
    operand const x(d.n * d.h * d.w * d.c, 1, shift), dy(pooled, 2, shift);
    operand y(pooled, 3, shift), dx(x.size(), 4, shift), expected(x.size(), 4, shift);
    std::vector<std::int32_t> at(static_cast<std::size_t>(pooled));
    petra::kernel::max_pool(scalar_tag{}, d, x.data(), y.data(), at.data());
    petra::kernel::max_pool_backward(scalar_tag{}, d, at.data(), dy.data(), expected.data());
    petra::kernel::max_pool_backward(best, d, at.data(), dy.data(), dx.data());
    REQUIRE(identical(dx, expected));
    REQUIRE(dx.guarded());
  }
  CHECK(cases > 200);
}

TEST_CASE("max_pool: of two zeros the first, with its sign; infinities") {
  float const inf = std::numeric_limits<float>::infinity();
  for (index_t const kernel : {2, 3})
    for (int const pattern : {0, 1, 2, 3}) {
      pool2d_dims const d{1, 6, 6, 17, kernel, kernel, kernel, 0};
      operand x(6 * 6 * 17, 1);
      for (index_t i = 0; i < x.size(); ++i)
        x.data()[i] = pattern < 2 ? ((i + pattern) % 3 == 0 ? -0.f : 0.f) : i % 5 == 0 ? inf : -inf;
      index_t const pooled = d.out_h() * d.out_w() * d.c;
      operand y(pooled, 2), expected(pooled, 2);
      std::vector<std::int32_t> at(static_cast<std::size_t>(pooled)), at_expected = at;
      petra::kernel::max_pool(scalar_tag{}, d, x.data(), expected.data(), at_expected.data());
      petra::kernel::max_pool(best, d, x.data(), y.data(), at.data());
      REQUIRE(identical(y, expected));
      REQUIRE(at == at_expected);
    }
}
