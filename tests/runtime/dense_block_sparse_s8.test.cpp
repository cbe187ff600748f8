// runtime/dense_block_sparse_s8.hpp bit by bit against the specification; all operands end at a protected page.
#include "petra/runtime/dense_block_sparse_s8.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "dense_operands.hpp"
#include "petra/kernel/reference/dense_block_sparse.hpp"

namespace {

using namespace petra;
using rt::block_sparse_shape;

struct settings {
  std::int32_t in_zero = 0;
  int percent = 50;  // of the blocks that are kept
  bool extreme = false;
  std::uint64_t seed = 1;
};

constexpr index_t most = 1 << 17;

struct layer {
  operands::ending<std::int8_t> x{most}, w{most}, shift{most}, y{most};
  operands::ending<std::uint16_t> index{most};
  operands::ending<std::int32_t> bias{most}, multiplier{most};
  operands::ending<float> scale{most}, y_f32{most};

  template <class Rounding, class Reference, class Shape>
  bool agrees(Shape shape, settings const& t) {
    block_sparse_shape const s = shape;
    petra::random r(key(t.seed, s.m, s.c, s.o));
    kernel::dense_block_sparse_dims const d{s.m, s.c, s.o, t.in_zero, s.out_zero, s.out_min, s.out_max};
    index_t const blocks = (s.o + 15) / 16 * ((s.c + 3) / 4);
    auto const keep = std::make_unique<bool[]>(static_cast<std::size_t>(blocks));
    for (index_t i = 0; i < blocks; ++i) keep[static_cast<std::size_t>(i)] = r.index(100) < t.percent;
    std::vector<std::int8_t> plain(static_cast<std::size_t>(s.o * s.c)), cut(plain.size());
    std::vector<std::int32_t> start(static_cast<std::size_t>(s.o));
    std::int8_t* const px = x.take(s.m * s.c);
    operands::fill(r, px, s.m * s.c, t.extreme ? 127 : -128, 127);
    operands::fill(r, plain.data(), s.o * s.c, -127, t.extreme ? -127 : 127);
    operands::fill(r, start.data(), s.o, -10000, 10000);
    operands::fill_factors(r, s.o, 6000. * static_cast<double>(s.c), multiplier.take(s.o), shift.take(s.o));
    for (index_t o = 0; o < s.o; ++o)
      for (index_t i = 0; i < s.c; ++i) {
        auto const at = static_cast<std::size_t>(o * s.c + i);
        cut[at] = d.kept(keep.get(), o, i) ? plain[at] : std::int8_t{0};
      }
    std::vector<std::int8_t> want(static_cast<std::size_t>(s.m * s.o));
    kernel::dense_block_sparse_s8<Reference>(kernel::scalar_tag{}, d, px, plain.data(), keep.get(), start.data(),
                                             multiplier.take(s.o), shift.take(s.o), want.data());
    auto const size = rt::packed_size(s, cut.data());
    rt::pack(s, cut.data(), w.take(size.weights), index.take(size.index));
    rt::fold_bias(s, cut.data(), start.data(), t.in_zero, bias.take(s.o));
    std::int8_t* const py = y.take(s.m * s.o + 16);
    std::fill_n(py, s.m * s.o + 16, std::int8_t{0x5a});
    rt::dense_block_sparse_s8<Rounding>(shape, px, w.take(size.weights), index.take(size.index), bias.take(s.o),
                                        multiplier.take(s.o), shift.take(s.o), py + 16);
    return std::equal(want.begin(), want.end(), py + 16) && std::all_of(py, py + 16, [](int v) { return v == 0x5a; });
  }

  template <class Shape>
  bool both(Shape shape, settings const& t = {}) {
    return agrees<rt::rounding::single, kernel::round_once>(shape, t) &&
           agrees<rt::rounding::twice, kernel::round_twice>(shape, t);
  }
};

TEST_CASE("dense_block_sparse_s8: rows x inputs x outputs x shares") {
  layer l;
  for (index_t const c : operands::lengths(32))
    for (index_t const o : operands::lengths(16))
      for (index_t const m : {1, 2, 3, 4, 7, 8, 9})
        for (int const percent : {0, 10, 25, 100}) {
          CAPTURE(c);
          CAPTURE(o);
          CAPTURE(m);
          CAPTURE(percent);
          REQUIRE(l.both(block_sparse_shape{.m = m, .c = c, .o = o, .out_zero = -5, .out_min = -5},
                         {.in_zero = 3, .percent = percent}));
        }
}

TEST_CASE("dense_block_sparse_s8: extreme values and zero points") {
  layer l;
  for (std::int32_t const zero : {-128, 0, 127})
    for (index_t const c : {6, 64, 700}) REQUIRE(l.both(block_sparse_shape{.m = 3, .c = c, .o = 20}, {zero, 90, true}));
}

TEST_CASE("dense_block_sparse_s8: literal extents give the same bits") {
  layer l;
  REQUIRE(l.both(rt::fixed<block_sparse_shape{.m = 1, .c = 128, .o = 64}>{}));
  REQUIRE(l.both(rt::fixed<block_sparse_shape{.m = 11, .c = 95, .o = 50, .out_zero = 3}>{}, {.in_zero = 9}));
}

TEST_CASE("dense_block_sparse_s8_f32: one product each") {
  layer l;
  petra::random r(3);
  constexpr block_sparse_shape s{.m = 3, .c = 22, .o = 21};
  std::vector<std::int8_t> plain(static_cast<std::size_t>(s.o * s.c));
  operands::fill(r, plain.data(), s.o * s.c, -127, 127);
  operands::fill(r, l.x.take(s.m * s.c), s.m * s.c, -128, 127);
  operands::fill(r, l.scale.take(s.o), s.o);
  std::vector<std::int32_t> const bias(static_cast<std::size_t>(s.o), 77);
  auto const size = rt::packed_size(s, plain.data());
  rt::pack(s, plain.data(), l.w.take(size.weights), l.index.take(size.index));
  rt::fold_bias(s, plain.data(), bias.data(), -7, l.bias.take(s.o));
  rt::dense_block_sparse_s8_f32(s, l.x.take(s.m * s.c), l.w.take(size.weights), l.index.take(size.index),
                                l.bias.take(s.o), l.scale.take(s.o), l.y_f32.take(s.m * s.o));
  for (index_t i = 0; i < s.m; ++i)
    for (index_t o = 0; o < s.o; ++o) {
      std::int32_t sum = 77;
      for (index_t k = 0; k < s.c; ++k)
        sum += (l.x.take(s.m * s.c)[i * s.c + k] + 7) * plain[static_cast<std::size_t>(o * s.c + k)];
      REQUIRE(l.y_f32.take(s.m * s.o)[i * s.o + o] == static_cast<float>(sum) * l.scale.take(s.o)[o]);
    }
}

TEST_CASE("dense_block_sparse_s8: random shapes") {
  layer l;
  petra::random r(31);
  for (std::uint64_t i = 0; i < 10000; ++i) {
    block_sparse_shape s{.m = 1 + r.index(r.index(4) == 0 ? 9 : 2), .c = 1 + r.index(60), .o = 1 + r.index(40)};
    s.out_zero = static_cast<std::int32_t>(r.index(256)) - 128;
    settings const t{
        .in_zero = static_cast<std::int32_t>(r.index(256)) - 128, .percent = static_cast<int>(r.index(101)), .seed = i};
    CAPTURE(i);
    REQUIRE(l.agrees<rt::rounding::single, kernel::round_once>(s, t));
  }
}

}  // namespace
