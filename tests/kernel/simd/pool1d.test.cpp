#include "petra/kernel/simd/pool1d.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

namespace {

using operands::operand;
using petra::index_t;
using petra::kernel::best;
using petra::kernel::pool1d_dims;
using petra::kernel::scalar_tag;

void check_pool1d(pool1d_dims const& d, index_t shift) {
  index_t const pooled = d.n * d.out() * d.c;
  double const taps = static_cast<double>(d.taps);
  operand x(d.n * d.steps * d.c, 1, shift);
  // Few different numbers, so that some are equal.
  for (index_t i = 0; i < x.size(); ++i) x.data()[i] = std::round(x[i] * 4);
  operand const dy(pooled, 2, shift);
  operand y(pooled, 3, shift), dx(x.size(), 4, shift), average(pooled, 5, shift), da(x.size(), 6, shift);
  auto most = y.values(), dxv = dx.values(), dxm = dx.magnitudes();
  std::vector<std::int32_t> from(static_cast<std::size_t>(pooled) + 1, 77), wanted = from;
  petra::kernel::max_pool1d(scalar_tag{}, d, x.values().data(), most.data(), wanted.data());
  petra::kernel::max_pool1d(best, d, x.data(), y.data(), from.data());
  for (index_t i = 0; i < pooled; ++i) REQUIRE(static_cast<double>(y[i]) == most[static_cast<std::size_t>(i)]);
  REQUIRE(from == wanted);  // the guard behind it, too
  REQUIRE(y.guarded());
  petra::kernel::max_pool1d_backward(scalar_tag{}, d, wanted.data(), dy.values().data(), dxv.data());
  petra::kernel::max_pool1d_backward(scalar_tag{}, d, wanted.data(), dy.magnitudes().data(), dxm.data());
  petra::kernel::max_pool1d_backward(best, d, wanted.data(), dy.data(), dx.data());
  REQUIRE(first_outside(dx, dxv, dxm, taps + 1) == -1);
  REQUIRE(dx.guarded());

  auto mean = average.values(), bound = mean, dav = da.values(), dam = da.magnitudes();
  petra::kernel::avg_pool1d(scalar_tag{}, d, x.values().data(), mean.data());
  petra::kernel::avg_pool1d(scalar_tag{}, d, x.magnitudes().data(), bound.data());
  petra::kernel::avg_pool1d(best, d, x.data(), average.data());
  REQUIRE(first_outside(average, mean, bound, taps + 2) == -1);
  REQUIRE(average.guarded());
  petra::kernel::avg_pool1d_backward(scalar_tag{}, d, dy.values().data(), dav.data());
  petra::kernel::avg_pool1d_backward(scalar_tag{}, d, dy.magnitudes().data(), dam.data());
  petra::kernel::avg_pool1d_backward(best, d, dy.data(), da.data());
  REQUIRE(first_outside(da, dav, dam, taps + 2) == -1);
  REQUIRE(da.guarded());
}

TEST_CASE("pool1d: sizes, strides, pads, lengths and misalignments against the reference") {
  petra::random r(12);
  index_t cases = 0;
  for (index_t draw = 0; draw < 800; ++draw) {
    std::int32_t const length[] = {static_cast<std::int32_t>(r.index(10)), static_cast<std::int32_t>(r.index(10))};
    pool1d_dims d{1 + r.index(2), 1 + r.index(9), 1 + r.index(35), 1 + r.index(5),
                  1 + r.index(3), r.index(4),     r.index(4)};
    if (!d.valid()) continue;
    ++cases;
    std::int32_t const inside[] = {std::min(length[0], static_cast<std::int32_t>(d.steps)),
                                   std::min(length[1], static_cast<std::int32_t>(d.steps))};
    if (draw % 3 != 0) d.length = inside;
    check_pool1d(d, operands::misalignments[draw % 3]);
  }
  CHECK(cases > 300);
}

TEST_CASE("pool1d: a NaN wins, in every lane") {
  for (index_t c = 0; c < 33; ++c) {
    operand x(5 * 33, 1), y(33, 2);
    std::vector<std::int32_t> from(33);
    x.data()[2 * 33 + c] = std::nanf("");
    petra::kernel::max_pool1d(best, pool1d_dims{1, 5, 33, 5}, x.data(), y.data(), from.data());
    for (index_t j = 0; j < 33; ++j) REQUIRE(std::isnan(y[j]) == (j == c));
    REQUIRE(from[static_cast<std::size_t>(c)] == 2);
  }
}

}  // namespace
