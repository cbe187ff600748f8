#include "petra/runtime/linear_sum.hpp"

#include <doctest/doctest.h>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/add_s8.hpp"

using namespace petra;
using rt::add_shape, rt::linear_sum;

// Pairs for which the form and the specification differ.
static int differences(add_shape const& s) {
  kernel::add_s8_grids const g{s.a_zero,          s.b_zero,
                               s.left_shift,      s.a_scale.multiplier,
                               s.a_scale.shift,   s.b_scale.multiplier,
                               s.b_scale.shift,   s.out_scale.multiplier,
                               s.out_scale.shift, s.out_zero,
                               s.out_min,         s.out_max};
  int n = 0;
  for (int i = -128; i < 128; ++i)
    for (int j = -128; j < 128; ++j) {
      auto const a = static_cast<std::int8_t>(i), b = static_cast<std::int8_t>(j);
      std::int8_t want = 0;
      kernel::add_s8(kernel::scalar_tag{}, 1, g, &a, &b, &want);
      linear_sum const& f = s.linear;
      int const v = (i * f.a_factor + j * f.b_factor + f.start) >> f.right;
      n += want != (v < s.out_min ? s.out_min : v > s.out_max ? s.out_max : v);
    }
  return n;
}

static add_shape on_grids(double a, double b, double out, std::int32_t a_zero, std::int32_t b_zero,
                          std::int32_t out_zero) {
  add_shape const s{.a_zero = a_zero, .b_zero = b_zero, .out_zero = out_zero, .out_min = out_zero};
  return rt::add_scales(s, a, b, out);
}

TEST_CASE("linear sum: every form that is found gives the specification's bytes, and most additions have one") {
  petra::random r(3);
  int found = 0;
  for (int i = 0; i < 20; ++i) {
    auto const scale = [&] { return static_cast<double>(r.uniform(0.02f, 0.2f)); };
    auto const zero = [&] { return static_cast<std::int32_t>(r.index(256)) - 128; };
    add_shape s = on_grids(scale(), scale(), scale(), zero(), zero(), zero());
    if (i % 2 == 0) s.out_min = -128;
    s = rt::with_linear_sum(s);
    if (s.linear.right == 0) continue;
    ++found;
    CAPTURE(i);
    REQUIRE(differences(s) == 0);
  }
  CHECK(found >= 16);
}

TEST_CASE("linear sum: equal grids, where half of the pairs lie on a rounding bound") {
  add_shape const s = rt::with_linear_sum(on_grids(0.05, 0.05, 0.1, 7, -9, 3));
  REQUIRE(s.linear.right > 0);
  CHECK(differences(s) == 0);
}

TEST_CASE("linear sum: none where sums would not fit, or there is nothing to scale") {
  CHECK(rt::with_linear_sum(on_grids(100, 0.01, 1e-4, 0, 0, 0)).linear == linear_sum{});
  CHECK(rt::with_linear_sum(add_shape{}).linear == linear_sum{});
}
