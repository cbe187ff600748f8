// runtime/matmul_s8.hpp bit by bit against the specification, with every operand at the end of its memory.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/matmul_s8.hpp"
#include "petra/runtime/matmul_s8.hpp"

namespace {

using namespace petra;
using rt::matmul_s8_shape;

constexpr index_t most = 1 << 17;

// Operands that end at a protected page, allocated once.
class products {
 public:
  explicit products(std::uint64_t seed) : r_(key(31, seed)) {}

  // Whether the kernel gives the specification's bits and leaves what lies between and before the rows alone.
  template <class Shape>
  bool agree(Shape shape, std::int32_t in_zero, bool extreme = false) {
    matmul_s8_shape const s = shape;
    kernel::matmul_s8_dims const d{.m = s.m,
                                   .n = s.n,
                                   .k = s.k,
                                   .in_zero = in_zero,
                                   .out_zero = s.out_zero,
                                   .out_min = s.out_min,
                                   .out_max = s.out_max};
    index_t const in = (s.m - 1) * s.x_row + s.k, out = (s.m - 1) * s.y_row + s.n;
    std::int8_t* const x = last(x_, in);
    std::int8_t* const packed = last(packed_, rt::packed_size(s));
    std::int32_t* const offset = last(offset_, s.n);
    std::int32_t* const multiplier = last(multiplier_, s.n);
    std::int8_t* const shift = last(shift_, s.n);
    w_.resize(static_cast<std::size_t>(s.n * s.k));
    bias_.resize(static_cast<std::size_t>(s.n));
    dense_.resize(static_cast<std::size_t>(s.m * s.k));
    auto const draw = [&](std::int32_t lo) {
      auto const u = static_cast<std::int32_t>(r_.index(extreme ? 2 : 128 - lo));
      return static_cast<std::int8_t>(!extreme ? lo + u : u == 0 ? lo : 127);
    };
    for (index_t i = 0; i < in; ++i) x[i] = draw(-128);
    for (std::int8_t& e : w_) e = draw(-127);
    for (index_t i = 0; i < s.m; ++i) std::copy_n(x + i * s.x_row, s.k, dense_.data() + i * s.k);
    for (index_t o = 0; o < s.n; ++o) {
      bias_[static_cast<std::size_t>(o)] = static_cast<std::int32_t>(r_.index(20001)) - 10000;
      double const factor = static_cast<double>(r_.uniform(0.2f, 2.f)) / (60. * static_cast<double>(s.k));
      rt::requant const q = rt::quantize_multiplier(factor);
      multiplier[o] = q.multiplier;
      shift[o] = static_cast<std::int8_t>(q.shift);
    }
    rt::pack(s, w_.data(), packed);
    rt::fold_bias(s, w_.data(), bias_.data(), in_zero, offset);

    kernel::scalar_tag const plain;
    sums_.resize(static_cast<std::size_t>(s.m * s.n));
    kernel::matmul_s8_s32(plain, d, dense_.data(), w_.data(), bias_.data(), sums_.data());
    std::int32_t* const y = fresh(y32_, out);
    rt::matmul_s8_s32(shape, x, packed, offset, y);
    if (!holds(y32_, s, y, sums_)) return false;

    wanted_.resize(sums_.size());
    for (std::size_t i = 0; i < sums_.size(); ++i) wanted_[i] = on_grid<kernel::round_once>(i, s, multiplier, shift);
    std::int8_t* const z = fresh(y8_, out);
    rt::matmul_s8(shape, x, packed, offset, multiplier, shift, z);
    if (!holds(y8_, s, z, wanted_)) return false;

    for (std::size_t i = 0; i < sums_.size(); ++i) wanted_[i] = on_grid<kernel::round_twice>(i, s, multiplier, shift);
    fresh(y8_, out);
    rt::matmul_s8<rt::rounding::twice>(shape, x, packed, offset, multiplier, shift, z);
    return holds(y8_, s, z, wanted_);
  }

 private:
  static constexpr index_t margin = 96;

  template <class T>
  static T* last(guarded::array<T>& a, index_t n) {
    REQUIRE(n + margin <= a.size());
    return a.data() + a.size() - n;
  }
  template <class T>
  static T* fresh(guarded::array<T>& a, index_t n) {
    T* const p = last(a, n);
    std::fill(p - margin, p + n, T{0x5a});
    return p;
  }
  template <class T>
  static bool holds(guarded::array<T> const& a, matmul_s8_shape const& s, T const* y, std::vector<T> const& want) {
    for (T const* p = y - margin; p < a.data() + a.size(); ++p) {
      index_t const i = p - y, row = i / s.y_row, column = i % s.y_row;
      bool const inside = i >= 0 && column < s.n;
      if (*p != (inside ? want[static_cast<std::size_t>(row * s.n + column)] : T{0x5a})) return false;
    }
    return true;
  }
  // Result i of the specification, from its sums.
  template <class Rounding>
  std::int8_t on_grid(std::size_t i, matmul_s8_shape const& s, std::int32_t const* multiplier,
                      std::int8_t const* shift) const {
    index_t const o = static_cast<index_t>(i) % s.n;
    return kernel::onto_grid(Rounding::apply(sums_[i], multiplier[o], shift[o]), s.out_zero, s.out_min, s.out_max);
  }

  petra::random r_;
  guarded::array<std::int8_t> x_{most}, packed_{most}, shift_{most}, y8_{most};
  guarded::array<std::int32_t> offset_{most}, multiplier_{most}, y32_{most};
  std::vector<std::int8_t> w_, dense_, wanted_;
  std::vector<std::int32_t> bias_, sums_;
};

TEST_CASE("matmul_s8: rows x outputs x inputs") {
  products p(1);
  for (index_t const m : {1, 2, 3, 5, 6, 7, 8, 15, 16, 17, 50})
    for (index_t const n : {1, 3, 7, 15, 16, 17, 21, 32, 40, 64, 130})
      for (index_t const k : {1, 3, 4, 5, 16, 33}) {
        CAPTURE(m);
        CAPTURE(n);
        CAPTURE(k);
        REQUIRE(p.agree(matmul_s8_shape{.m = m, .n = n, .k = k}, 3));
      }
}

TEST_CASE("matmul_s8: many inputs, so that they are taken in several runs") {
  products p(2);
  for (index_t const k : {511, 512, 513, 515, 1024, 1030, 4098})
    for (index_t const m : {1, 4, 7}) {
      CAPTURE(k);
      REQUIRE(p.agree(matmul_s8_shape{.m = m, .n = 19, .k = k}, -128));
    }
}

TEST_CASE("matmul_s8: a row alone with weights beyond the first cache") {
  products p(3);
  REQUIRE(p.agree(matmul_s8_shape{.m = 1, .n = 100, .k = 640}, 5));
  REQUIRE(p.agree(matmul_s8_shape{.m = 1, .n = 640, .k = 126}, 5));
}

TEST_CASE("matmul_s8: rows apart") {
  products p(4);
  for (index_t const m : {1, 3, 9})
    for (index_t const n : {5, 16, 70})
      REQUIRE(p.agree(matmul_s8_shape{.m = m, .n = n, .k = 21, .x_row = 24, .y_row = n + 3}, 9));
}

TEST_CASE("matmul_s8: extreme zero points, clamps and values") {
  products p(5);
  for (std::int32_t const zero : {-128, 0, 127})
    for (bool const extreme : {false, true}) {
      CAPTURE(zero);
      REQUIRE(p.agree(matmul_s8_shape{.m = 7, .n = 20, .k = 64, .out_zero = -zero / 2 - 1}, zero, extreme));
      REQUIRE(p.agree(matmul_s8_shape{.m = 7, .n = 64, .k = 9, .out_zero = -128}, zero, extreme));
      REQUIRE(p.agree(matmul_s8_shape{.m = 1, .n = 33, .k = 600, .out_zero = 10, .out_min = 10}, zero, extreme));
      REQUIRE(p.agree(matmul_s8_shape{.m = 3, .n = 33, .k = 6, .out_zero = 127, .out_min = -20, .out_max = 90}, zero,
                      extreme));
    }
}

TEST_CASE("matmul_s8: literal extents give the same bits") {
  products p(6);
  REQUIRE(p.agree(rt::fixed<matmul_s8_shape{.m = 16, .n = 16, .k = 16}>{}, 1));
  REQUIRE(p.agree(rt::fixed<matmul_s8_shape{.m = 7, .n = 35, .k = 21, .x_row = 30, .y_row = 40}>{}, -2));
  REQUIRE(p.agree(rt::fixed<matmul_s8_shape{.m = 1, .n = 64, .k = 64}>{}, 1));
  REQUIRE(p.agree(rt::fixed<matmul_s8_shape{.m = 1, .n = 128, .k = 500, .out_zero = -7}>{}, 1));
  REQUIRE(p.agree(rt::fixed<matmul_s8_shape{.m = 20, .n = 100, .k = 18}>{}, 1));
}

TEST_CASE("matmul_s8: seeded random shapes") {
  products p(7);
  petra::random r(key(7));
  for (int i = 0; i < 10000; ++i) {
    auto const some = [&](index_t n) { return 1 + r.index(1 + r.index(n)); };
    matmul_s8_shape s{.m = some(20), .n = some(80), .k = some(40)};
    s.x_row += r.index(3);
    s.y_row += r.index(3);
    s.out_zero = static_cast<std::int32_t>(r.index(256)) - 128;
    CAPTURE(i);
    REQUIRE(p.agree(s, static_cast<std::int32_t>(r.index(256)) - 128));
  }
}

}  // namespace
