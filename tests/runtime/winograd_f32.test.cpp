// runtime/winograd_f32.hpp against plain loops in double: its error is the one thing Winograd has to answer for.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/runtime/winograd_f32.hpp"

namespace {

using namespace petra;
using rt::conv_f32_shape;

conv_f32_shape conv(index_t h, index_t w, index_t c, index_t o, index_t pad = 1) {
  return {.in = {h, w, c, pad + (c % 3 == 0)},
          .out = {h + 2 * pad - 2, w + 2 * pad - 2, o, o % 3},
          .kernel_h = 3,
          .kernel_w = 3,
          .pad = pad,
          .relu = o % 2 == 0};
}

constexpr double wrong = 1e9;

// The largest error relative to the largest output; `wrong` where the frame is not zero.
template <class Shape>
double error(Shape shape, std::uint64_t seed = 1, std::vector<float>* found = nullptr) {
  conv_f32_shape const s = shape;
  petra::random r(key(seed, s.in.c, s.out.c, s.in.h, s.in.w));
  guarded::operand<float> x(s.in.elements()), w(9 * s.in.c * s.out.c), packed(rt::winograd_size(s)), bias(s.out.c),
      scratch(rt::winograd_scratch(s)), y(s.out.elements());
  for (index_t i = 0; i < s.in.h; ++i)
    for (index_t j = 0; j < s.in.w * s.in.c; ++j) x[s.in.origin() + i * s.in.row() + j] = r.normal();
  for (float& e : w.span()) e = r.normal();
  for (float& e : bias.span()) e = r.normal();
  for (float& e : scratch.span()) e = std::numeric_limits<float>::quiet_NaN();
  for (float& e : y.span()) e = 77.f;
  rt::pack_winograd(s, w.data(), packed.data());
  rt::winograd_f32(shape, x.data(), packed.data(), bias.data(), scratch.data(), y.data());
  if (found != nullptr) found->assign(y.span().begin(), y.span().end());

  double largest = 0, off = 0;
  index_t const halo = s.out.halo;
  for (index_t i = -halo; i < s.out.h + halo; ++i)
    for (index_t j = -halo; j < s.out.w + halo; ++j)
      for (index_t o = 0; o < s.out.c; ++o) {
        float const got = y[s.out.origin() + i * s.out.row() + j * s.out.c + o];
        if (i < 0 || i >= s.out.h || j < 0 || j >= s.out.w) {
          if (got != 0.f) return wrong;
          continue;
        }
        double sum = static_cast<double>(bias[o]);
        for (index_t kh = 0; kh < 3; ++kh)
          for (index_t k = 0; k < 3 * s.in.c; ++k)
            sum += static_cast<double>(x[rt::window(s, i, j) + kh * s.in.row() + k]) *
                   static_cast<double>(w[(o * 3 + kh) * 3 * s.in.c + k]);
        largest = std::max(largest, std::abs(sum));
        double const want = s.relu && sum < 0 ? 0 : sum, e = std::abs(static_cast<double>(got) - want);
        off = std::max(off, e == e ? e : wrong);
      }
  return off / largest;
}

TEST_CASE("winograd_f32: inputs x outputs") {
  for (index_t const c : {1, 3, 7, 15, 16, 17, 32})
    for (index_t const o : {1, 3, 15, 16, 17, 33, 48, 64, 80}) {
      CAPTURE(c);
      CAPTURE(o);
      REQUIRE(error(conv(5, 6, c, o)) < 1e-5);
    }
}

TEST_CASE("winograd_f32: every height and width of a map, so every way to cut it into tiles") {
  for (index_t h = 1; h <= 9; ++h)
    for (index_t w = 1; w <= 37; w += h % 3 + 1) {
      CAPTURE(h);
      CAPTURE(w);
      REQUIRE(error(conv(h, w, 4, 18)) < 1e-5);
    }
  for (index_t const pad : {0, 2}) REQUIRE(error(conv(6, 7, 8, 16, pad)) < 1e-5);
}

TEST_CASE("winograd_f32: error with many inputs, and tiles in more than one pass") {
  REQUIRE(error(conv(8, 8, 64, 64)) < 2e-5);
  REQUIRE(error(conv(4, 5, 256, 20)) < 2e-5);
  REQUIRE(rt::winograd_of(conv(40, 24, 72, 4)).tiles < 60);
  REQUIRE(error(conv(40, 24, 72, 4)) < 2e-5);
}

TEST_CASE("winograd_f32: 10,000 random shapes") {
  petra::random r(2);
  auto const below = [&](index_t n) { return static_cast<index_t>(r.index(n)); };
  double worst = 0;
  for (int i = 0; i < 10000; ++i) {
    index_t const h = 1 + below(7), w = 1 + below(7), pad = h > 2 && w > 2 ? below(3) : 1;
    index_t const c = below(8) == 0 ? 1 + below(40) : 1 + below(6), o = below(8) == 0 ? 1 + below(70) : 1 + below(6);
    worst = std::max(worst, error(conv(h, w, c, o, pad), static_cast<std::uint64_t>(i)));
  }
  // Few outputs may all be small, and the error is relative to them.
  REQUIRE(worst < 1e-4);
}

TEST_CASE("winograd_f32: literal extents give the same bits") {
  auto const same = [](auto shape) {
    std::vector<float> a, b;
    conv_f32_shape const s = shape;
    error(s, 1, &a);
    return error(shape, 1, &b) < 1e-5 && a == b;
  };
  REQUIRE(same(
      rt::fixed<conv_f32_shape{.in = {8, 8, 64, 1}, .out = {8, 8, 64, 1}, .kernel_h = 3, .kernel_w = 3, .pad = 1}>{}));
  REQUIRE(
      same(rt::fixed<conv_f32_shape{
               .in = {13, 9, 20, 1}, .out = {13, 9, 40, 0}, .kernel_h = 3, .kernel_w = 3, .pad = 1, .relu = true}>{}));
}

TEST_CASE("winograd_f32: what it suits") {
  static_assert(rt::suits_winograd(conv_f32_shape{.kernel_h = 3, .kernel_w = 3}));
  static_assert(!rt::suits_winograd(conv_f32_shape{.kernel_h = 3, .kernel_w = 3, .stride = 2}));
  static_assert(!rt::suits_winograd(conv_f32_shape{.kernel_h = 3, .kernel_w = 3, .groups = 2}));
  static_assert(!rt::suits_winograd(conv_f32_shape{.kernel_h = 1, .kernel_w = 3}));
}

}  // namespace
