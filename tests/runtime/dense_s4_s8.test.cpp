// runtime/dense_s4_s8.hpp bit by bit against the specification; all operands end at a protected page.
#include "petra/runtime/dense_s4_s8.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "dense_operands.hpp"
#include "petra/kernel/reference/dense_s4_s8.hpp"

namespace {

using namespace petra;
using rt::dense_s4_shape;

struct settings {
  std::int32_t in_zero = 0;
  bool extreme = false;  // inputs, weights and scales at the ends of their ranges
  std::uint64_t seed = 1;
};

constexpr index_t most = 1 << 17;

struct layer {
  operands::ending<std::int8_t> x{most}, scale{most}, shift{most}, y{most};
  operands::ending<std::uint8_t> w{most};
  operands::ending<std::int32_t> bias{most}, multiplier{most};
  operands::ending<float> out_scale{most}, y_f32{most};

  template <class Rounding, class Reference, class Shape>
  bool agrees(Shape shape, settings const& t) {
    dense_s4_shape const s = shape;
    petra::random r(key(t.seed, s.m, s.c, s.o, s.group));
    index_t const groups = rt::groups(s);
    kernel::dense_s4_dims const d{s.m, s.c, s.o, s.group, t.in_zero, s.out_zero, s.out_min, s.out_max};
    std::vector<std::int8_t> plain(static_cast<std::size_t>(s.o * s.c)), scales(static_cast<std::size_t>(s.o * groups));
    std::vector<std::int32_t> start(static_cast<std::size_t>(s.o));
    std::int8_t* const px = x.take(s.m * s.c);
    operands::fill(r, px, s.m * s.c, t.extreme ? 127 : -128, 127);
    if (t.extreme && r.index(2) == 0) std::fill_n(px, s.m * s.c, std::int8_t{-128});
    int const end = r.index(2) == 0 ? -8 : 7;
    operands::fill(r, plain.data(), s.o * s.c, t.extreme ? end : -8, t.extreme ? end : 7);
    operands::fill(r, scales.data(), s.o * groups, t.extreme ? 127 : 1, 127);
    operands::fill(r, start.data(), s.o, -100000, 100000);
    operands::fill_factors(r, s.o, 64. * 300. * static_cast<double>(s.c), multiplier.take(s.o), shift.take(s.o));
    std::vector<std::int8_t> want(static_cast<std::size_t>(s.m * s.o));
    kernel::dense_s4_s8<Reference>(kernel::scalar_tag{}, d, px, plain.data(), scales.data(), start.data(),
                                   multiplier.take(s.o), shift.take(s.o), want.data());
    rt::pack(s, plain.data(), w.take(rt::packed_size(s)));
    rt::pack_scales(s, scales.data(), scale.take(rt::packed_scales(s)));
    rt::fold_bias(s, plain.data(), scales.data(), start.data(), t.in_zero, bias.take(s.o));
    std::int8_t* const py = y.take(s.m * s.o + 16);
    std::fill_n(py, s.m * s.o + 16, std::int8_t{0x5a});
    rt::dense_s4_s8<Rounding>(shape, px, w.take(rt::packed_size(s)), scale.take(rt::packed_scales(s)), bias.take(s.o),
                              multiplier.take(s.o), shift.take(s.o), py + 16);
    return std::equal(want.begin(), want.end(), py + 16) && std::all_of(py, py + 16, [](int v) { return v == 0x5a; });
  }

  template <class Shape>
  bool agrees_f32(Shape shape, settings const& t) {
    dense_s4_shape const s = shape;
    kernel::dense_s4_dims const d{s.m, s.c, s.o, s.group, t.in_zero, 0, -128, 127};
    petra::random r(key(t.seed, s.c, s.o));
    index_t const groups = rt::groups(s);
    std::vector<std::int8_t> plain(static_cast<std::size_t>(s.o * s.c)), scales(static_cast<std::size_t>(s.o * groups));
    std::vector<std::int32_t> start(static_cast<std::size_t>(s.o));
    std::vector<float> want(static_cast<std::size_t>(s.m * s.o));
    operands::fill(r, x.take(s.m * s.c), s.m * s.c, -128, 127);
    operands::fill(r, plain.data(), s.o * s.c, -8, 7);
    operands::fill(r, scales.data(), s.o * groups, 1, 127);
    operands::fill(r, start.data(), s.o, -100000, 100000);
    operands::fill(r, out_scale.take(s.o), s.o);
    kernel::dense_s4_s8_f32(kernel::scalar_tag{}, d, x.take(s.m * s.c), plain.data(), scales.data(), start.data(),
                            out_scale.take(s.o), want.data());
    rt::pack(s, plain.data(), w.take(rt::packed_size(s)));
    rt::pack_scales(s, scales.data(), scale.take(rt::packed_scales(s)));
    rt::fold_bias(s, plain.data(), scales.data(), start.data(), t.in_zero, bias.take(s.o));
    rt::dense_s4_s8_f32(shape, x.take(s.m * s.c), w.take(rt::packed_size(s)), scale.take(rt::packed_scales(s)),
                        bias.take(s.o), out_scale.take(s.o), y_f32.take(s.m * s.o));
    return std::equal(want.begin(), want.end(), y_f32.take(s.m * s.o));
  }

  template <class Shape>
  bool both(Shape shape, settings const& t = {}) {
    return agrees<rt::rounding::single, kernel::round_once>(shape, t) &&
           agrees<rt::rounding::twice, kernel::round_twice>(shape, t);
  }
};

TEST_CASE("dense_s4_s8: rows x inputs x outputs") {
  layer l;
  for (index_t const c : operands::lengths(32))
    for (index_t const o : operands::lengths(64))
      for (index_t const m : {1, 2, 3, 5, 8, 13}) {
        if (c > 100 && o > 100 && m > 3) continue;
        CAPTURE(c);
        CAPTURE(o);
        CAPTURE(m);
        REQUIRE(l.both(dense_s4_shape{.m = m, .c = c, .o = o, .group = 32, .out_zero = -5}, {.in_zero = 3}));
      }
}

TEST_CASE("dense_s4_s8: groups, the last one shorter, the whole row") {
  layer l;
  for (index_t const group : {8, 16, 32, 64, 128, 1000})
    for (index_t const c : {5, 32, 64, 100, 129, 256})
      for (index_t const o : {7, 16, 50, 65}) {
        CAPTURE(group);
        CAPTURE(c);
        CAPTURE(o);
        REQUIRE(l.both(dense_s4_shape{.m = 3, .c = c, .o = o, .group = group, .out_zero = 7, .out_min = 7},
                       {.in_zero = -128}));
        REQUIRE(l.agrees_f32(dense_s4_shape{.m = 2, .c = c, .o = o, .group = group}, {.in_zero = 127}));
      }
}

TEST_CASE("dense_s4_s8: sums as large as they may become") {
  layer l;
  for (std::int32_t const zero : {-128, 0, 127})
    for (std::uint64_t seed = 1; seed < 5; ++seed) {
      REQUIRE(l.both(dense_s4_shape{.m = 1, .c = 8000, .o = 16, .group = 32}, {zero, true, seed}));
      REQUIRE(l.both(dense_s4_shape{.m = 2, .c = 8000, .o = 3, .group = 8000}, {zero, true, seed}));
    }
}

TEST_CASE("dense_s4_s8: literal extents give the same bits") {
  layer l;
  REQUIRE(l.both(rt::fixed<dense_s4_shape{.m = 1, .c = 128, .o = 64, .group = 32}>{}));
  REQUIRE(l.both(rt::fixed<dense_s4_shape{.m = 8, .c = 96, .o = 80, .group = 64, .out_zero = 3}>{}, {.in_zero = 9}));
  REQUIRE(l.both(rt::fixed<dense_s4_shape{.m = 7, .c = 43, .o = 100, .group = 43}>{}, {.in_zero = 9}));
  REQUIRE(l.agrees_f32(rt::fixed<dense_s4_shape{.m = 1, .c = 64, .o = 10, .group = 64}>{}, {.in_zero = 4}));
}

TEST_CASE("dense_s4_s8: random shapes") {
  layer l;
  petra::random r(29);
  for (std::uint64_t i = 0; i < 10000; ++i) {
    dense_s4_shape s{.m = 1 + r.index(r.index(4) == 0 ? 9 : 2), .c = 1 + r.index(70), .o = 1 + r.index(40)};
    s.group = 8 * (1 + r.index(10));
    s.out_zero = static_cast<std::int32_t>(r.index(256)) - 128;
    settings const t{.in_zero = static_cast<std::int32_t>(r.index(256)) - 128, .seed = i};
    CAPTURE(i);
    REQUIRE(l.agrees<rt::rounding::single, kernel::round_once>(s, t));
  }
}

}  // namespace
