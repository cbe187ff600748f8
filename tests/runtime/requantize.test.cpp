// runtime/requantize.hpp against the specification, and the factors against their definition.
#include <doctest/doctest.h>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/runtime/requantize.hpp"

namespace {

using namespace petra;

constexpr bool known_values() {
  using rt::rounding::single, rt::rounding::twice;
  // Factor 1/4: 2^30 / 2^31 / 2. Ties: 2 / 4 = 0.5, -2 / 4 = -0.5.
  return single::apply(2, 1 << 30, -1) == 1 && single::apply(-2, 1 << 30, -1) == 0 &&
         single::apply(-3, 1 << 30, -1) == -1 && twice::apply(4, 1 << 30, -2) == 1 &&
         twice::apply(-4, 1 << 30, -2) == -1 && twice::apply(5, 1 << 30, 1) == 5 && single::apply(5, 1 << 30, 1) == 5 &&
         single::apply(1000, 0, 0) == 0;
}
static_assert(known_values());
static_assert(rt::quantize_multiplier(1.0) == rt::requant{1 << 30, 1});
static_assert(rt::quantize_multiplier(0.5) == rt::requant{1 << 30, 0});
static_assert(rt::quantize_multiplier(0.75) == rt::requant{3 << 29, 0});
static_assert(rt::quantize_multiplier(0.0) == rt::requant{});
static_assert(rt::quantize_multiplier(0x1p-34) == rt::requant{});
static_assert(rt::quantize_multiplier(0x1p-32) == rt::requant{1 << 30, -31});
static_assert(rt::quantize_multiplier(0x1p31) == rt::requant{0x7fffffff, 30});
static_assert(rt::quantize_multiplier(1.0 - 0x1p-40) == rt::requant{1 << 30, 1});  // rounds up to the next power
static_assert(rt::divide_multiplier({1 << 30, 1}, 1) == rt::requant{1 << 30, 1});
static_assert(rt::divide_multiplier({1 << 30, 1}, 64) == rt::requant{1 << 30, -5});
static_assert(rt::divide_multiplier({1 << 30, -31}, 8) == rt::requant{1 << 27, -31});

TEST_CASE("requantize: constants at run time") { CHECK(known_values()); }

TEST_CASE("requantize: both roundings follow the specification") {
  petra::random r(key(1));
  for (int i = 0; i < 200000; ++i) {
    auto const multiplier = static_cast<std::int32_t>((1 << 30) + r.index(1 << 30));
    auto const shift = static_cast<std::int32_t>(r.index(42)) - 31;
    // Results must fit in 32 bits, and acc << shift too.
    index_t const bits = shift > 0 ? 30 - shift : 31;
    auto acc =
        static_cast<std::int32_t>(static_cast<std::int64_t>(r.next() >> (64 - bits - 1)) - (std::int64_t{1} << bits));
    if (i % 3 == 0) acc = static_cast<std::int32_t>(r.index(65)) - 32;
    std::int32_t const once = rt::rounding::single::apply(acc, multiplier, shift);
    std::int32_t const twice = rt::rounding::twice::apply(acc, multiplier, shift);
    REQUIRE(once == kernel::round_once::apply(acc, multiplier, shift));
    REQUIRE(twice == kernel::round_twice::apply(acc, multiplier, shift));
    REQUIRE(once - twice <= 1);
    REQUIRE(twice - once <= 1);
  }
}

TEST_CASE("requantize: powers of two hit the ties") {
  for (std::int32_t shift = -12; shift <= 1; ++shift)
    for (std::int32_t acc = -5000; acc <= 5000; ++acc) {
      REQUIRE(rt::rounding::single::apply(acc, 1 << 30, shift) == kernel::round_once::apply(acc, 1 << 30, shift));
      REQUIRE(rt::rounding::twice::apply(acc, 1 << 30, shift) == kernel::round_twice::apply(acc, 1 << 30, shift));
    }
}

TEST_CASE("quantize_multiplier is the nearest factor") {
  petra::random r(key(2));
  for (int i = 0; i < 1000; ++i) {
    double m = static_cast<double>(r.uniform(0.001f, 1.f));
    for (auto k = r.index(20); k > 0; --k) m *= 0.5;
    rt::requant const q = rt::quantize_multiplier(m);
    REQUIRE(q.multiplier >= 1 << 30);
    double back = q.multiplier * 0x1p-31;
    for (int k = q.shift; k < 0; ++k) back *= 0.5;
    for (int k = 0; k < q.shift; ++k) back *= 2.0;
    REQUIRE(back == doctest::Approx(m).epsilon(0x1p-30));
  }
}

}  // namespace
