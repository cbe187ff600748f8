// runtime/dense_low_rank_s8.hpp bit by bit against the specification; all operands end at a protected page.
#include "petra/runtime/dense_low_rank_s8.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "dense_operands.hpp"
#include "petra/kernel/reference/dense_low_rank.hpp"

namespace {

using namespace petra;
using rt::low_rank_s8_shape;

constexpr index_t most = 1 << 16;

struct factor {
  operands::ending<std::int8_t> w{most}, shift{most};
  operands::ending<std::int32_t> offset{most}, multiplier{most};
  std::vector<std::int8_t> plain;
  std::vector<std::int32_t> bias;
  index_t n = 0, size = 0;

  void fill(petra::random& r, rt::matmul_s8_shape const& s, std::int32_t in_zero, bool extreme) {
    n = s.n;
    size = rt::packed_size(s);
    plain.resize(static_cast<std::size_t>(s.n * s.k));
    bias.resize(static_cast<std::size_t>(n));
    operands::fill(r, plain.data(), s.n * s.k, -127, extreme ? -127 : 127);
    operands::fill(r, bias.data(), n, -10000, 10000);
    operands::fill_factors(r, n, 6000. * static_cast<double>(s.k), multiplier.take(n), shift.take(n));
    rt::pack(s, plain.data(), w.take(size));
    rt::fold_bias(s, plain.data(), bias.data(), in_zero, offset.take(n));
  }
  kernel::dense_factor_s8 specified() { return {plain.data(), bias.data(), multiplier.take(n), shift.take(n)}; }
  rt::low_rank_factor_s8 packed() { return {w.take(size), offset.take(n), multiplier.take(n), shift.take(n)}; }
};

struct layer {
  operands::ending<std::int8_t> x{most}, t{most}, y{most};
  factor v, u;

  template <class Rounding, class Reference, class Shape>
  bool agrees(Shape shape, std::int32_t in_zero, bool extreme, std::uint64_t seed) {
    low_rank_s8_shape const s = shape;
    petra::random r(key(seed, s.m, s.c, s.rank, s.o));
    std::int8_t* const px = x.take(s.m * s.c);
    operands::fill(r, px, s.m * s.c, extreme ? 127 : -128, 127);
    v.fill(r, rt::low_rank_first(s, s.m), in_zero, extreme);
    u.fill(r, rt::low_rank_second(s, s.m), s.mid_zero, extreme);
    std::vector<std::int8_t> mid(static_cast<std::size_t>(s.m * s.rank)), want(static_cast<std::size_t>(s.m * s.o));
    kernel::dense_low_rank_s8<Reference>(kernel::scalar_tag{},
                                         {.m = s.m,
                                          .c = s.c,
                                          .rank = s.rank,
                                          .o = s.o,
                                          .in_zero = in_zero,
                                          .mid_zero = s.mid_zero,
                                          .mid_min = s.mid_min,
                                          .mid_max = s.mid_max,
                                          .out_zero = s.out_zero,
                                          .out_min = s.out_min,
                                          .out_max = s.out_max},
                                         px, v.specified(), u.specified(), mid.data(), want.data());
    std::int8_t* const py = y.take(s.m * s.o + 16);
    std::fill_n(py, s.m * s.o + 16, std::int8_t{0x5a});
    rt::dense_low_rank_s8<Rounding>(shape, px, v.packed(), u.packed(), t.take(rt::low_rank_scratch(s)), py + 16);
    return std::equal(want.begin(), want.end(), py + 16) && std::all_of(py, py + 16, [](int e) { return e == 0x5a; });
  }
  template <class Shape>
  bool both(Shape shape, std::int32_t in_zero = 0, bool extreme = false) {
    return agrees<rt::rounding::single, kernel::round_once>(shape, in_zero, extreme, 1) &&
           agrees<rt::rounding::twice, kernel::round_twice>(shape, in_zero, extreme, 1);
  }
};

TEST_CASE("dense_low_rank_s8: rows x inputs x rank x outputs") {
  layer l;
  for (index_t const c : operands::lengths(16))
    for (index_t const rank : {1, 3, 15, 16, 33})
      for (index_t const o : {1, 7, 16, 17, 50})
        for (index_t const m : {1, 2, 7, 8, 9}) {
          CAPTURE(c);
          CAPTURE(rank);
          CAPTURE(o);
          CAPTURE(m);
          REQUIRE(l.both(
              low_rank_s8_shape{.m = m, .c = c, .rank = rank, .o = o, .mid_zero = -9, .out_zero = 5, .out_min = 5},
              -3));
        }
}

TEST_CASE("dense_low_rank_s8: several panels, extreme values, a ReLU between the factors") {
  layer l;
  for (index_t const m : {95, 96, 97, 200}) REQUIRE(l.both(low_rank_s8_shape{.m = m, .c = 20, .rank = 64, .o = 30}));
  for (std::int32_t const zero : {-128, 0, 127})
    REQUIRE(l.both(low_rank_s8_shape{.m = 3, .c = 300, .rank = 40, .o = 20, .mid_zero = zero, .mid_min = zero},
                   -zero - 1, true));
}

TEST_CASE("dense_low_rank_s8: literal extents") {
  layer l;
  REQUIRE(l.both(rt::fixed<low_rank_s8_shape{.m = 1, .c = 128, .rank = 32, .o = 64, .mid_zero = 3}>{}, 7));
  REQUIRE(l.both(rt::fixed<low_rank_s8_shape{.m = 100, .c = 21, .rank = 64, .o = 20, .out_zero = -128}>{}, 7));
}

TEST_CASE("dense_low_rank_s8: random shapes") {
  layer l;
  petra::random r(43);
  for (std::uint64_t i = 0; i < 10000; ++i) {
    low_rank_s8_shape s{
        .m = 1 + r.index(r.index(4) == 0 ? 9 : 2), .c = 1 + r.index(30), .rank = 1 + r.index(20), .o = 1 + r.index(40)};
    s.mid_zero = static_cast<std::int32_t>(r.index(256)) - 128;
    s.out_zero = static_cast<std::int32_t>(r.index(256)) - 128;
    CAPTURE(i);
    bool const same =
        l.agrees<rt::rounding::single, kernel::round_once>(s, static_cast<std::int32_t>(r.index(256)) - 128, false, i);
    REQUIRE(same);
  }
}

}  // namespace
