// runtime/add_s8.hpp bit by bit against the specification, over all pairs of values.
#include <doctest/doctest.h>

#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/add_s8.hpp"
#include "petra/runtime/add_s8.hpp"
#include "petra/runtime/linear_sum.hpp"

namespace {

using namespace petra;
using rt::add_shape;

template <class Rounding, class Reference, class Shape>
bool agrees(Shape shape) {
  add_shape const s = shape;
  index_t const n = s.out.pixels() * s.out.c;
  std::vector<std::int8_t> a(static_cast<std::size_t>(n)), b(a), want(a);
  for (index_t i = 0; i < n; ++i) {
    a[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i * 7 % 256 - 128);
    b[static_cast<std::size_t>(i)] = static_cast<std::int8_t>((i * 7 / 256 * 5 + i) % 256 - 128);
  }
  kernel::add_s8<Reference>(kernel::scalar_tag{}, n,
                            {.a_zero = s.a_zero,
                             .b_zero = s.b_zero,
                             .left_shift = s.left_shift,
                             .a_multiplier = s.a_scale.multiplier,
                             .a_shift = s.a_scale.shift,
                             .b_multiplier = s.b_scale.multiplier,
                             .b_shift = s.b_scale.shift,
                             .out_multiplier = s.out_scale.multiplier,
                             .out_shift = s.out_scale.shift,
                             .out_zero = s.out_zero,
                             .out_min = s.out_min,
                             .out_max = s.out_max},
                            a.data(), b.data(), want.data());
  guarded::array<std::int8_t> fa(s.a.elements()), fb(s.b.elements()), y(s.out.elements());
  auto const frame = [](rt::feature_map const& m, std::vector<std::int8_t> const& v, guarded::array<std::int8_t>& f) {
    for (std::int8_t& e : f.span()) e = 77;
    for (index_t i = 0; i < m.h; ++i)
      for (index_t j = 0; j < m.w * m.c; ++j)
        f[m.origin() + i * m.row() + j] = v[static_cast<std::size_t>(i * m.w * m.c + j)];
  };
  frame(s.a, a, fa), frame(s.b, b, fb);
  rt::add_s8<Rounding>(shape, fa.data(), fb.data(), y.data());
  index_t const halo = s.out.halo;
  for (index_t i = -halo; i < s.out.h + halo; ++i)
    for (index_t j = -halo * s.out.c; j < (s.out.w + halo) * s.out.c; ++j) {
      bool const inside = i >= 0 && i < s.out.h && j >= 0 && j < s.out.w * s.out.c;
      std::int32_t const expected = inside ? want[static_cast<std::size_t>(i * s.out.w * s.out.c + j)] : s.out_zero;
      if (y[s.out.origin() + i * s.out.row() + j] != expected) return false;
    }
  return true;
}

template <class Shape>
bool agrees(Shape shape) {
  return agrees<rt::rounding::single, kernel::round_once>(shape) &&
         agrees<rt::rounding::twice, kernel::round_twice>(shape);
}

constexpr add_shape sum(index_t h, index_t w, index_t c, double a_scale, double b_scale, double out_scale) {
  return rt::add_scales({.a = {h, w, c, 1},
                         .b = {h, w, c, 0},
                         .out = {h, w, c, 1},
                         .a_zero = -3,
                         .b_zero = 40,
                         .out_zero = -20,
                         .out_min = -20},
                        a_scale, b_scale, out_scale);
}

TEST_CASE("add_s8: all pairs of values") {
  add_shape s = sum(256, 16, 16, 0.02, 0.035, 0.04);
  REQUIRE(agrees(s));
  s.a_zero = -128, s.b_zero = 127, s.out_zero = 0, s.out_min = -128;
  REQUIRE(agrees(s));
}

TEST_CASE("add_s8: shapes, halos and scales") {
  for (index_t const c : {1, 2, 3, 5, 16, 17, 64})
    for (index_t w = 1; w <= 9; w += 2)
      for (double const ratio : {1.0, 0.01, 30.0}) {
        CAPTURE(c);
        CAPTURE(w);
        REQUIRE(agrees(sum(3, w, c, 0.05 * ratio, 0.05, 0.06)));
      }
}

TEST_CASE("add_s8: factors that the shorter requantization cannot take") {
  add_shape s{.a = {4, 5, 16, 1},
              .b = {4, 5, 16, 1},
              .out = {4, 5, 16, 0},
              .a_zero = 3,
              .b_zero = -7,
              .left_shift = 4,
              .a_scale = rt::quantize_multiplier(0.9),
              .b_scale = rt::quantize_multiplier(0.01),
              .out_scale = rt::quantize_multiplier(0.4),
              .out_zero = 9};
  REQUIRE(agrees(s));
  s.out_scale = rt::quantize_multiplier(0.01);
  s.b_scale = rt::quantize_multiplier(0x1p-31);
  REQUIRE(agrees(s));
}

TEST_CASE("add_s8: the linear form") {
  for (index_t const c : {1, 15, 16, 17, 64, 80}) {
    CAPTURE(c);
    add_shape const s = rt::with_linear_sum(sum(3, 5, c, 0.0513, 0.0707, 0.0621));
    REQUIRE(s.linear.right > 0);
    REQUIRE(agrees<rt::rounding::single, kernel::round_once>(s));
  }
  add_shape const all = rt::with_linear_sum(sum(256, 16, 16, 0.02137, 0.03511, 0.04021));
  REQUIRE(all.linear.right > 0);
  REQUIRE(agrees<rt::rounding::single, kernel::round_once>(all));
}

TEST_CASE("add_s8: literal extents") {
  REQUIRE(agrees(rt::fixed<sum(8, 8, 16, 0.1, 0.2, 0.15)>{}));
  REQUIRE(agrees(rt::fixed<sum(3, 5, 7, 0.1, 0.2, 0.15)>{}));
}

TEST_CASE("add_s8: 10,000 random shapes beside a protected page") {
  petra::random r(7);
  for (int turn = 0; turn < 10000; ++turn) {
    add_shape s =
        sum(1 + r.index(4), 1 + r.index(5), 1 + r.index(36), 0.05, 0.05 + 0.01 * static_cast<double>(r.index(9)), 0.06);
    for (rt::feature_map* m : {&s.a, &s.b, &s.out}) m->halo = m->halo_h = r.index(2);
    CAPTURE(turn);
    if (turn % 2 == 0)
      REQUIRE(agrees<rt::rounding::single, kernel::round_once>(s));
    else
      REQUIRE(agrees<rt::rounding::twice, kernel::round_twice>(s));
  }
}

}  // namespace
