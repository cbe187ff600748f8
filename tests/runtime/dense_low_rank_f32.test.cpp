// runtime/dense_low_rank_f32.hpp against the specification; all operands end at a protected page.
#include "petra/runtime/dense_low_rank_f32.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "dense_operands.hpp"
#include "petra/kernel/reference/dense_low_rank.hpp"

namespace {

using namespace petra;
using rt::low_rank_f32_shape;

constexpr index_t most = 1 << 16;

struct layer {
  operands::ending<float> x{most}, v{most}, u{most}, bias_v{most}, bias_u{most}, t{most}, y{most};

  template <class Shape>
  bool agrees(Shape shape, std::uint64_t seed = 1) {
    low_rank_f32_shape const s = shape;
    petra::random r(key(seed, s.m, s.c, s.rank, s.o));
    kernel::dense_low_rank_dims d{.m = s.m, .c = s.c, .rank = s.rank, .o = s.o, .relu = s.relu};
    auto const size = [](index_t n) { return static_cast<std::size_t>(n); };
    std::vector<float> pv(size(s.rank * s.c)), pu(size(s.o * s.rank)), mid(size(s.m * s.rank)), want(size(s.m * s.o)),
        terms(want.size());
    float* const px = x.take(s.m * s.c);
    operands::fill(r, px, s.m * s.c);
    operands::fill(r, pv.data(), s.rank * s.c);
    operands::fill(r, pu.data(), s.o * s.rank);
    operands::fill(r, bias_v.take(s.rank), s.rank);
    operands::fill(r, bias_u.take(s.o), s.o);
    kernel::dense_low_rank_f32(kernel::scalar_tag{}, d, px, pv.data(), bias_v.take(s.rank), pu.data(), bias_u.take(s.o),
                               mid.data(), want.data());
    rt::pack(rt::low_rank_first(s, s.m), pv.data(), v.take(s.rank * s.c));
    rt::pack(rt::low_rank_second(s, s.m), pu.data(), u.take(s.o * s.rank));
    float* const py = y.take(s.m * s.o + 16);
    std::fill_n(py, s.m * s.o + 16, -7.f);
    rt::dense_low_rank_f32(shape, px, {v.take(s.rank * s.c), bias_v.take(s.rank)},
                           {u.take(s.o * s.rank), bias_u.take(s.o)}, t.take(rt::low_rank_scratch(s)), py + 16);
    // Absolute values of all terms bound the error of every order of summation, of both factors.
    for (std::vector<float>* p : {&pv, &pu})
      for (float& e : *p) e = std::fabs(e);
    for (index_t i = 0; i < s.m * s.c; ++i) px[i] = std::fabs(px[i]);
    std::vector<float> const ones(size(s.rank + s.o), 1.f);
    d.relu = false;
    kernel::dense_low_rank_f32(kernel::scalar_tag{}, d, px, pv.data(), ones.data(), pu.data(), ones.data(), mid.data(),
                               terms.data());
    float const eps = std::numeric_limits<float>::epsilon() * static_cast<float>(s.c + s.rank + 2);
    for (std::size_t i = 0; i < want.size(); ++i)
      if (!(std::fabs(py[16 + i] - want[i]) <= eps * terms[i])) return false;
    return std::all_of(py, py + 16, [](float e) { return e == -7.f; });
  }
};

TEST_CASE("dense_low_rank_f32: rows x inputs x rank x outputs") {
  layer l;
  for (index_t const c : operands::lengths(16))
    for (index_t const rank : {1, 3, 15, 16, 33})
      for (index_t const o : {1, 7, 16, 17, 50})
        for (index_t const m : {1, 2, 7, 8, 9}) {
          CAPTURE(c);
          CAPTURE(rank);
          CAPTURE(o);
          CAPTURE(m);
          REQUIRE(l.agrees(low_rank_f32_shape{.m = m, .c = c, .rank = rank, .o = o, .relu = m % 2 == 0}));
        }
}

TEST_CASE("dense_low_rank_f32: several panels") {
  layer l;
  for (index_t const m : {47, 48, 49, 100, 200})
    REQUIRE(l.agrees(low_rank_f32_shape{.m = m, .c = 20, .rank = 64, .o = 30}));
}

TEST_CASE("dense_low_rank_f32: literal extents") {
  layer l;
  REQUIRE(l.agrees(rt::fixed<low_rank_f32_shape{.m = 1, .c = 128, .rank = 32, .o = 64}>{}));
  REQUIRE(l.agrees(rt::fixed<low_rank_f32_shape{.m = 50, .c = 21, .rank = 64, .o = 20, .relu = true}>{}));
}

TEST_CASE("dense_low_rank_f32: random shapes") {
  layer l;
  petra::random r(41);
  for (std::uint64_t i = 0; i < 10000; ++i) {
    low_rank_f32_shape const s{.m = 1 + r.index(r.index(4) == 0 ? 9 : 2),
                               .c = 1 + r.index(30),
                               .rank = 1 + r.index(20),
                               .o = 1 + r.index(40),
                               .relu = r.index(2) == 0};
    CAPTURE(i);
    REQUIRE(l.agrees(s, i));
  }
}

}  // namespace
