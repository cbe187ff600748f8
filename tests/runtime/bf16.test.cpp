#include "petra/runtime/bf16.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/bf16.hpp"

namespace rt = petra::rt;
using petra::index_t;

TEST_CASE("bf16: one number is rounded as kernel::to_bf16 does") {
  static_assert(rt::round_to_bf16(1.00390625f) == 0x3f80 && rt::round_to_bf16(1.01171875f) == 0x3f82);  // ties: even
  petra::random r(1);
  for (int i = 0; i < 100000; ++i) {
    auto const x = __builtin_bit_cast(float, static_cast<std::uint32_t>(r.index(std::uint64_t{1} << 32)));
    CHECK(rt::round_to_bf16(x) == petra::kernel::to_bf16(x).bits);
    if (!std::isnan(x)) CHECK(rt::round_to_bf16(rt::from_bf16(rt::round_to_bf16(x))) == rt::round_to_bf16(x));
  }
}

TEST_CASE("bf16: arrays of every length, nothing touched behind them; denormals may become zero") {
  petra::random r(2);
  for (index_t n = 0; n < 140; ++n) {
    guarded::operand<float> x(n);
    guarded::operand<std::uint16_t> y(n);
    for (float& e : x.span())
      e = __builtin_bit_cast(float, static_cast<std::uint32_t>(r.index(std::uint64_t{1} << 32)));
    if (n > 3) x[0] = -0.f, x[1] = std::numeric_limits<float>::infinity(), x[2] = std::numeric_limits<float>::max();
    rt::round_to_bf16(x.data(), n, y.data());
    for (index_t i = 0; i < n; ++i) {
      bool const denormal = std::fabs(x[i]) < std::numeric_limits<float>::min();
      std::uint16_t const want = rt::round_to_bf16(x[i]);
      CHECK((y[i] == want || (denormal && (y[i] & 0x7fff) == 0)));
    }
  }
}
