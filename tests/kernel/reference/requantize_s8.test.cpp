// kernel/reference/requantize_s8.hpp: hand-computed roundings.
#include <doctest/doctest.h>

#include "petra/kernel/reference/requantize_s8.hpp"

namespace {

using petra::kernel::onto_grid;
using petra::kernel::round_once;
using petra::kernel::round_twice;

// multiplier 2^30 is one half: with shift 1 the factor is 1, with shift -1 a quarter.
constexpr bool rounds_once() {
  constexpr std::int32_t half = 1 << 30;
  return round_once::apply(7, half, 1) == 7 && round_once::apply(-7, half, 1) == -7 &&    // exact
         round_once::apply(1, half, 0) == 1 && round_once::apply(-1, half, 0) == 0 &&     // 0.5 and -0.5 go up
         round_once::apply(3, half, 0) == 2 && round_once::apply(-3, half, 0) == -1 &&    // 1.5 and -1.5 go up
         round_once::apply(5, half, -1) == 1 && round_once::apply(-5, half, -1) == -1 &&  // 1.25
         round_once::apply(100, 0, 0) == 0 &&
         // 0.75 * 1001 = 750.75
         round_once::apply(1001, 3 << 29, 0) == 751 && round_once::apply(-1001, 3 << 29, 0) == -751 &&
         round_once::apply(0x7fffffff, 0x7fffffff, 0) == 0x7ffffffe &&
         round_once::apply(-0x7fffffff - 1, half, 0) == -(1 << 30);
}
static_assert(rounds_once());

constexpr bool rounds_twice() {
  constexpr std::int32_t half = 1 << 30;
  return round_twice::apply(7, half, 1) == 7 && round_twice::apply(-7, half, 1) == -7 &&
         round_twice::apply(1, half, 0) == 1 && round_twice::apply(-1, half, 0) == 0 &&  // the first rounding goes up
         round_twice::apply(4, half, -2) == 1 &&
         round_twice::apply(-4, half, -2) == -1 &&  // 2 / 4: the second away from 0
         round_twice::apply(3, half, -2) == 1 &&    // 1.5 -> 2, 2 / 4 -> 1: rounded twice; once it is 0.375 -> 0
         round_once::apply(3, half, -2) == 0 && round_twice::apply(1001, 3 << 29, 0) == 751;
}
static_assert(rounds_twice());

constexpr bool stays_on_the_grid() {
  return onto_grid(5, 3, -128, 127) == 8 && onto_grid(1000, 0, -128, 127) == 127 &&
         onto_grid(-1000, 0, -10, 127) == -10 && onto_grid(0x7fffffff, 127, -128, 127) == 127 &&
         onto_grid(-0x7fffffff - 1, -128, -128, 127) == -128;
}
static_assert(stays_on_the_grid());

TEST_CASE("requantize_s8: hand-computed, at run time") {
  CHECK(rounds_once());
  CHECK(rounds_twice());
  CHECK(stays_on_the_grid());
}

}  // namespace
