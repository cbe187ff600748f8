// runtime/quantize.hpp bit by bit against the specification: ties, infinities, NaN, frames.
#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/quantize_s8.hpp"
#include "petra/runtime/quantize.hpp"

namespace {

using namespace petra;

static_assert(rt::nearest_integer(0.5f) == 0);
static_assert(rt::nearest_integer(1.5f) == 2);
static_assert(rt::nearest_integer(-2.5f) == -2);
static_assert(rt::nearest_integer(1e30f) == 1024);

std::vector<float> hard_values(float scale) {
  float const inf = std::numeric_limits<float>::infinity();
  std::vector<float> v{0.f,   -0.f,   inf,    -inf,    std::numeric_limits<float>::quiet_NaN(),
                       3e38f, -3e38f, 1e-40f, 0x1p22f, -0x1p31f};
  for (int q = -300; q <= 300; ++q)
    for (float const d : {-0.5f, 0.f, 0.5f, 0.49999997f, 0.25f}) v.push_back((static_cast<float>(q) + d) * scale);
  petra::random r(key(4));
  for (int i = 0; i < 4000; ++i) v.push_back(r.normal() * 60.f * scale);
  return v;
}

TEST_CASE("quantize: every kind of value") {
  for (float const scale : {1.f, 0.1f, 0.0173f, 3.7e-5f})
    for (std::int32_t const zero : {-128, -1, 0, 127}) {
      std::vector<float> const x = hard_values(scale);
      auto const n = static_cast<index_t>(x.size());
      std::vector<std::int8_t> want(x.size()), y(x.size() + 64, std::int8_t{55});
      kernel::quantize_s8(kernel::scalar_tag{}, n, x.data(), scale, zero, want.data());
      rt::quantize(rt::feature_map{1, 1, n, 0}, x.data(), y.data(), scale, zero);
      index_t wrong = 0;
      for (std::size_t i = 0; i < x.size(); ++i) wrong += y[i] != want[i];
      for (std::size_t i = x.size(); i < y.size(); ++i) wrong += y[i] != 55;
      CHECK(wrong == 0);
      CHECK(y[4] == zero);
    }
}

template <class Shape>
void check_frame(Shape shape) {
  rt::feature_map const m = shape;
  petra::random r(key(6, m.w));
  index_t const n = m.pixels() * m.c;
  guarded::array<float> x(n);
  for (float& e : x.span()) e = r.normal();
  std::vector<std::int8_t> want(static_cast<std::size_t>(n)), regrid(want);
  guarded::array<std::int8_t> y(m.elements());
  kernel::quantize_s8(kernel::scalar_tag{}, n, x.data(), 0.02f, -7, want.data());
  rt::quantize(shape, x.data(), y.data(), 0.02f, -7);
  // Back to float and onto another grid, from this frame into wider ones.
  rt::feature_map const wide{m.h, m.w, m.c, m.halo + 1};
  guarded::array<float> back(wide.elements());
  guarded::array<std::int8_t> moved(wide.elements());
  for (float& e : back.span()) e = 5.f;
  std::vector<float> real(static_cast<std::size_t>(n));
  rt::dequantize(rt::map_pair{m, wide}, y.data(), back.data(), 0.02f, -7);
  kernel::dequantize_s8(kernel::scalar_tag{}, n, want.data(), 0.02f, -7, real.data());
  rt::requant const q = rt::quantize_multiplier(1.3);
  rt::requantize_s8(rt::requantize_shape{.in = m, .out = wide, .in_zero = -7, .scale = q, .out_zero = 4, .out_min = 4},
                    y.data(), moved.data());
  kernel::requantize_s8(kernel::scalar_tag{}, n,
                        {.in_zero = -7, .multiplier = q.multiplier, .shift = q.shift, .out_zero = 4, .out_min = 4},
                        want.data(), regrid.data());
  index_t wrong = 0, at = 0;
  for (index_t i = -m.halo; i < m.h + m.halo; ++i)
    for (index_t j = -m.halo * m.c; j < (m.w + m.halo) * m.c; ++j) {
      bool const inside = i >= 0 && i < m.h && j >= 0 && j < m.w * m.c;
      std::int8_t const found = y[m.origin() + i * m.row() + j];
      index_t const there = wide.origin() + i * wide.row() + j;
      if (inside) {
        wrong += found != want[static_cast<std::size_t>(at)];
        wrong += back[there] != real[static_cast<std::size_t>(at)];
        wrong += moved[there] != regrid[static_cast<std::size_t>(at)];
        ++at;
      } else {
        wrong += found != -7 || back[there] != 0.f || moved[there] != 4;
      }
    }
  REQUIRE(wrong == 0);
  REQUIRE(back[0] == 0.f);
  REQUIRE(moved[wide.elements() - 1] == 4);
}

TEST_CASE("quantize, dequantize, requantize: frames") {
  for (index_t w = 1; w <= 12; ++w)
    for (index_t const c : {1, 3, 16})
      for (index_t halo = 0; halo <= 2; ++halo) check_frame(rt::feature_map{3, w, c, halo});
  check_frame(rt::fixed<rt::feature_map{5, 11, 3, 1}>{});
  check_frame(rt::fixed<rt::feature_map{32, 32, 3, 1}>{});
}

TEST_CASE("quantize, dequantize, requantize: 10,000 random shapes beside a protected page") {
  petra::random r(8);
  for (int turn = 0; turn < 10000; ++turn)
    check_frame(rt::feature_map{1 + r.index(3), 1 + r.index(5), 1 + r.index(36), r.index(2)});
}

TEST_CASE("requantize_s8: rounded twice") {
  std::vector<std::int8_t> x(256 + 64), y(256), want(256);
  for (int i = 0; i < 256; ++i) x[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
  rt::requant const q = rt::quantize_multiplier(0.5);
  rt::requantize_s8<rt::rounding::twice>(
      rt::requantize_shape{.in = {16, 16, 1, 0}, .out = {16, 16, 1, 0}, .in_zero = 1, .scale = q}, x.data(), y.data());
  kernel::requantize_s8<kernel::round_twice>(
      kernel::scalar_tag{}, 256, {.in_zero = 1, .multiplier = q.multiplier, .shift = q.shift}, x.data(), want.data());
  CHECK(y == want);
}

}  // namespace
