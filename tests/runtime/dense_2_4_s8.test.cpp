// runtime/dense_2_4_s8.hpp bit by bit against the specification; all operands end at a protected page.
#include "petra/runtime/dense_2_4_s8.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "dense_operands.hpp"
#include "petra/kernel/reference/dense_2_4_s8.hpp"

namespace {

using namespace petra;
using rt::dense_2_4_shape;

struct settings {
  std::int32_t in_zero = 0;
  bool extreme = false;
  std::uint64_t seed = 1;
};

constexpr index_t most = 1 << 17;

struct layer {
  operands::ending<std::int8_t> x{most}, w{most}, shift{most}, y{most};
  operands::ending<std::int32_t> bias{most}, multiplier{most};
  operands::ending<float> scale{most}, y_f32{most};
  std::vector<std::int8_t> kept, plain;
  std::vector<std::uint8_t> place;
  std::vector<std::int32_t> start;

  // Weights with their places, and the same as a dense matrix.
  void fill(petra::random& r, kernel::dense_2_4_dims const& d, bool extreme) {
    auto const size = [](index_t n) { return static_cast<std::size_t>(n); };
    kept.resize(size(d.o * d.kept()));
    place.resize(kept.size());
    plain.assign(size(d.o * d.c), 0);
    start.resize(size(d.o));
    operands::fill(r, kept.data(), d.o * d.kept(), -127, extreme ? -127 : 127);
    operands::fill(r, start.data(), d.o, -10000, 10000);
    for (index_t j = 0; j < d.o * d.kept(); j += 2) {
      index_t const first = r.index(4), second = (first + 1 + r.index(3)) % 4;
      place[size(j)] = static_cast<std::uint8_t>(first);
      place[size(j + 1)] = static_cast<std::uint8_t>(second);
      for (index_t k = j; k < j + 2; ++k) {
        index_t const i = k % d.kept() / 2 * 4 + place[size(k)];
        if (i < d.c) plain[size(k / d.kept() * d.c + i)] = kept[size(k)];
      }
    }
  }

  template <class Rounding, class Reference, class Shape>
  bool agrees(Shape shape, settings const& t) {
    dense_2_4_shape const s = shape;
    petra::random r(key(t.seed, s.m, s.c, s.o));
    kernel::dense_2_4_dims const d{s.m, s.c, s.o, t.in_zero, s.out_zero, s.out_min, s.out_max};
    fill(r, d, t.extreme);
    if (!rt::is_2_4(s, plain.data())) return false;
    std::int8_t* const px = x.take(s.m * s.c);
    operands::fill(r, px, s.m * s.c, t.extreme ? 127 : -128, 127);
    operands::fill_factors(r, s.o, 3000. * static_cast<double>(s.c), multiplier.take(s.o), shift.take(s.o));
    std::vector<std::int8_t> want(static_cast<std::size_t>(s.m * s.o));
    kernel::dense_2_4_s8<Reference>(kernel::scalar_tag{}, d, px, kept.data(), place.data(), start.data(),
                                    multiplier.take(s.o), shift.take(s.o), want.data());
    index_t const size = rt::packed_size(s);
    rt::pack(s, plain.data(), w.take(size));
    rt::fold_bias(s, plain.data(), start.data(), t.in_zero, bias.take(s.o));
    std::int8_t* const py = y.take(s.m * s.o + 16);
    std::fill_n(py, s.m * s.o + 16, std::int8_t{0x5a});
    rt::dense_2_4_s8<Rounding>(shape, px, w.take(size), bias.take(s.o), multiplier.take(s.o), shift.take(s.o), py + 16);
    return std::equal(want.begin(), want.end(), py + 16) && std::all_of(py, py + 16, [](int v) { return v == 0x5a; });
  }

  template <class Shape>
  bool both(Shape shape, settings const& t = {}) {
    return agrees<rt::rounding::single, kernel::round_once>(shape, t) &&
           agrees<rt::rounding::twice, kernel::round_twice>(shape, t);
  }
};

TEST_CASE("dense_2_4_s8: rows x inputs x outputs") {
  layer l;
  for (index_t const c : operands::lengths(32))
    for (index_t const o : operands::lengths(64))
      for (index_t const m : {1, 2, 3, 5, 8, 13}) {
        if (c > 100 && o > 100 && m > 3) continue;
        CAPTURE(c);
        CAPTURE(o);
        CAPTURE(m);
        REQUIRE(l.both(dense_2_4_shape{.m = m, .c = c, .o = o, .out_zero = -5, .out_min = -5}, {.in_zero = 3}));
      }
}

TEST_CASE("dense_2_4_s8: extreme values and zero points") {
  layer l;
  for (std::int32_t const zero : {-128, 0, 127})
    for (index_t const c : {6, 64, 700}) REQUIRE(l.both(dense_2_4_shape{.m = 3, .c = c, .o = 20}, {zero, true}));
}

TEST_CASE("dense_2_4_s8: literal extents give the same bits") {
  layer l;
  REQUIRE(l.both(rt::fixed<dense_2_4_shape{.m = 1, .c = 128, .o = 64}>{}));
  REQUIRE(l.both(rt::fixed<dense_2_4_shape{.m = 11, .c = 95, .o = 50, .out_zero = 3}>{}, {.in_zero = 9}));
}

TEST_CASE("dense_2_4_s8_f32: one product each") {
  layer l;
  petra::random r(3);
  constexpr dense_2_4_shape s{.m = 3, .c = 45, .o = 37};
  kernel::dense_2_4_dims const d{.m = s.m, .c = s.c, .o = s.o, .in_zero = -7};
  l.fill(r, d, false);
  operands::fill(r, l.x.take(s.m * s.c), s.m * s.c, -128, 127);
  operands::fill(r, l.scale.take(s.o), s.o);
  rt::pack(s, l.plain.data(), l.w.take(rt::packed_size(s)));
  rt::fold_bias(s, l.plain.data(), l.start.data(), d.in_zero, l.bias.take(s.o));
  std::vector<float> want(static_cast<std::size_t>(s.m * s.o));
  kernel::dense_2_4_s8_f32(kernel::scalar_tag{}, d, l.x.take(s.m * s.c), l.kept.data(), l.place.data(), l.start.data(),
                           l.scale.take(s.o), want.data());
  rt::dense_2_4_s8_f32(s, l.x.take(s.m * s.c), l.w.take(rt::packed_size(s)), l.bias.take(s.o), l.scale.take(s.o),
                       l.y_f32.take(s.m * s.o));
  CHECK(std::equal(want.begin(), want.end(), l.y_f32.take(s.m * s.o)));
}

TEST_CASE("dense_2_4_s8: random shapes") {
  layer l;
  petra::random r(47);
  for (std::uint64_t i = 0; i < 10000; ++i) {
    dense_2_4_shape s{.m = 1 + r.index(r.index(4) == 0 ? 9 : 2), .c = 1 + r.index(70), .o = 1 + r.index(40)};
    s.out_zero = static_cast<std::int32_t>(r.index(256)) - 128;
    settings const t{.in_zero = static_cast<std::int32_t>(r.index(256)) - 128, .seed = i};
    CAPTURE(i);
    REQUIRE(l.agrees<rt::rounding::single, kernel::round_once>(s, t));
  }
}

}  // namespace
