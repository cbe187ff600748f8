// runtime/conv2d_add_s8.hpp bit by bit against the specification, and against the two kernels that it joins.
#include "petra/runtime/conv2d_add_s8.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/conv2d_add_s8.hpp"
#include "petra/runtime/linear_sum.hpp"

namespace {

using namespace petra;
using guarded::operand;
using rt::conv_add_shape, rt::conv_shape;

constexpr std::int8_t guard = 0x5a;

conv_shape conv(index_t h, index_t w, index_t c, index_t o, index_t kernel, index_t stride, index_t pad) {
  index_t const oh = (h + 2 * pad - kernel) / stride + 1, ow = (w + 2 * pad - kernel) / stride + 1;
  return {.in = {h, w, c, pad},
          .out = {oh, ow, o, o % 3},
          .kernel_h = kernel,
          .kernel_w = kernel,
          .stride = stride,
          .pad = pad};
}

struct scales {
  double own = 0.05, added = 0.04, sum = 0.06;
};
constexpr conv_add_shape with_sum(conv_shape s, scales const& f, index_t halo, std::int32_t own_zero = 5,
                                  std::int32_t added_zero = -7, std::int32_t sum_zero = -3, bool relu = true) {
  s.out_zero = own_zero;
  rt::add_shape a{.a = s.out, .b = s.out, .out = s.out, .a_zero = own_zero, .b_zero = added_zero};
  a.b.halo = a.b.halo_h = halo;
  a.out_zero = sum_zero;
  if (relu) a.out_min = sum_zero;
  return rt::join(s, rt::add_scales(a, f.own, f.added, f.sum));
}

// Whether y holds `want` (H,W,C) and `zero` around it.
bool holds(rt::feature_map const& m, std::int8_t const* y, std::int8_t const* want, std::int32_t zero) {
  for (index_t i = -m.halo; i < m.h + m.halo; ++i)
    for (index_t j = -m.halo; j < m.w + m.halo; ++j)
      for (index_t o = 0; o < m.c; ++o) {
        bool const inside = i >= 0 && i < m.h && j >= 0 && j < m.w;
        if (y[m.origin() + i * m.row() + j * m.c + o] != (inside ? want[(i * m.w + j) * m.c + o] : zero)) return false;
      }
  return true;
}

void fill(petra::random& r, std::span<std::int8_t> x, std::int32_t lo = -128) {
  for (auto& e : x) e = static_cast<std::int8_t>(lo + static_cast<std::int32_t>(r.index(128 - lo)));
}

// True when the kernel gives the specification's bits, also in place, fills the frame and writes nowhere else.
// factor: of every output of the convolution; 0: one of its own each.
template <class Rounding, class Reference, class Shape>
bool agrees(Shape shape, std::uint64_t seed, double factor = 0) {
  conv_add_shape const s = shape;
  petra::random r(key(seed, s.in.c, s.out.c, s.kernel_h, s.in.w));
  std::int32_t const in_zero = static_cast<std::int32_t>(r.index(256)) - 128;
  kernel::conv2d_s8_dims const d{.h = s.in.h,
                                 .w = s.in.w,
                                 .c = s.in.c,
                                 .o = s.out.c,
                                 .kernel_h = s.kernel_h,
                                 .kernel_w = s.kernel_w,
                                 .stride = s.stride,
                                 .pad = s.pad,
                                 .in_zero = in_zero,
                                 .out_zero = s.out_zero,
                                 .out_min = s.out_min,
                                 .out_max = s.out_max};
  kernel::add_s8_grids const g{s.out_zero,          s.added_zero,
                               s.left_shift,        s.own_scale.multiplier,
                               s.own_scale.shift,   s.added_scale.multiplier,
                               s.added_scale.shift, s.sum_scale.multiplier,
                               s.sum_scale.shift,   s.sum_zero,
                               s.sum_min,           s.sum_max};
  index_t const taps = s.kernel_h * s.kernel_w * s.in.c, pixels = s.out.pixels(), row = s.out.w * s.out.c;
  auto const size = [](index_t n) { return static_cast<std::size_t>(n); };
  std::vector<std::int8_t> x(size(s.in.pixels() * s.in.c)), w(size(s.out.c * taps)), added(size(pixels * s.out.c)),
      between(added.size()), want(added.size());
  fill(r, x), fill(r, w, -127), fill(r, added);
  operand<std::int32_t> bias(s.out.c), multiplier(s.out.c), folded(s.out.c);
  operand<std::int8_t> shift(s.out.c), framed(s.in.elements()), packed(rt::packed_size(s)), other(s.added.elements());
  for (index_t o = 0; o < s.out.c; ++o) {
    bias[o] = static_cast<std::int32_t>(r.index(20001)) - 10000;
    rt::requant const q = rt::quantize_multiplier(
        factor > 0 ? factor : static_cast<double>(r.uniform(0.2f, 2.f)) / (60.0 * static_cast<double>(taps)));
    multiplier[o] = q.multiplier;
    shift[o] = static_cast<std::int8_t>(q.shift);
  }
  kernel::conv2d_add_s8<Reference>(kernel::scalar_tag{}, d, g, x.data(), added.data(), w.data(), bias.data(),
                                   multiplier.data(), shift.data(), between.data(), want.data());

  for (auto& e : framed.span()) e = static_cast<std::int8_t>(in_zero);
  for (index_t i = 0; i < s.in.h; ++i)
    std::copy_n(x.data() + i * s.in.w * s.in.c, s.in.w * s.in.c, framed.data() + s.in.origin() + i * s.in.row());
  for (index_t i = 0; i < s.added.h; ++i)
    std::copy_n(added.data() + i * row, row, other.data() + s.added.origin() + i * s.added.row());
  rt::pack(s, w.data(), packed.data());
  rt::fold_bias(s, w.data(), bias.data(), in_zero, folded.data());
  index_t const n = s.out.elements(), margin = 64;
  std::vector<std::int8_t> y(size(n + 2 * margin), guard);
  rt::conv2d_add_s8<Rounding>(shape, framed.data(), other.data(), packed.data(), folded.data(), multiplier.data(),
                              shift.data(), y.data() + margin);
  for (index_t i = 0; i < margin; ++i)
    if (y[size(i)] != guard || y[size(margin + n + i)] != guard) return false;
  if (!holds(s.out, y.data() + margin, want.data(), s.sum_zero)) return false;
  if (s.added.halo != s.out.halo) return true;
  rt::conv2d_add_s8<Rounding>(shape, framed.data(), other.data(), packed.data(), folded.data(), multiplier.data(),
                              shift.data(), other.data());
  return holds(s.out, other.data(), want.data(), s.sum_zero);
}

template <class Shape>
bool agrees(Shape shape, std::uint64_t seed = 1) {
  return agrees<rt::rounding::single, kernel::round_once>(shape, seed) &&
         agrees<rt::rounding::twice, kernel::round_twice>(shape, seed);
}

TEST_CASE("conv2d_add_s8: inputs x outputs, frames that differ") {
  for (index_t const c : {1, 3, 4, 16, 17, 32})
    for (index_t const o : {1, 7, 15, 16, 17, 32, 40, 48, 64, 80})
      for (index_t const halo : {index_t{0}, o % 3}) {
        CAPTURE(c);
        CAPTURE(o);
        REQUIRE(agrees(with_sum(conv(3, 5, c, o, 3, 1, 1), {}, halo)));
      }
}

TEST_CASE("conv2d_add_s8: every width of a row, one pixel, 1 x 1, strides") {
  for (index_t width = 1; width <= 34; ++width)
    for (index_t const o : {7, 16, 32, 64}) {
      CAPTURE(width);
      CAPTURE(o);
      REQUIRE(agrees(with_sum(conv(2, width, 4, o, 3, 1, 1), {}, 1)));
    }
  for (index_t const o : {10, 16, 64, 100}) {
    REQUIRE(agrees(with_sum(conv(1, 1, 37, o, 1, 1, 0), {}, 0)));
    REQUIRE(agrees(with_sum(conv(4, 4, 8, o, 4, 1, 0), {}, 2)));
    REQUIRE(agrees(with_sum(conv(9, 8, 16, o, 1, 2, 0), {}, 1)));
  }
}

TEST_CASE("conv2d_add_s8: maps of which the scratch holds some rows, parts of a row, some pixels of a block") {
  for (index_t const width : {100, 270})
    for (index_t const o : {16, 24, 64, 100, 128}) {
      CAPTURE(width);
      CAPTURE(o);
      conv_add_shape s = with_sum(conv(3, width, 4, o, 1, 1, 0), {}, 1);
      REQUIRE(agrees(s));
      s.linear = rt::with_linear_sum(rt::addition_of(s)).linear;
      REQUIRE(agrees<rt::rounding::single, kernel::round_once>(s, 2));
    }
}

TEST_CASE("conv2d_add_s8: grids of which either is the coarser, one or both alike, zero points at their ends") {
  for (scales const& f : {scales{0.05, 0.05, 0.1}, scales{0.01, 3, 2.5}, scales{3, 0.01, 2.5}, scales{1e-4, 1, 0.01},
                          scales{0.02, 0.03, 1e-3}, scales{0.02, 0.03, 30}})
    for (std::int32_t const zero : {-128, 0, 127}) {
      CAPTURE(f.own);
      CAPTURE(f.added);
      CAPTURE(zero);
      for (index_t const o : {5, 16, 64}) {
        REQUIRE(agrees(with_sum(conv(3, 7, 8, o, 3, 1, 1), f, 1, zero, -1 - zero, zero / 2, false)));
        REQUIRE(agrees(with_sum(conv(3, 7, 8, o, 3, 1, 1), f, 1, 3, zero, zero)));
      }
    }
}

TEST_CASE("conv2d_add_s8: the convolution's own bounds, factors of 1/4 and more, additions of any factors") {
  for (double const factor : {0.0, 0.3, 0.9, 1e-7})
    for (index_t const o : {10, 16, 64}) {
      CAPTURE(factor);
      CAPTURE(o);
      conv_add_shape s = with_sum(conv(3, 9, 4, o, 3, 1, 1), {}, 0);
      s.out_min = s.out_zero, s.out_max = 90;
      REQUIRE(agrees<rt::rounding::single, kernel::round_once>(s, 3, factor));
      s.own_scale = rt::quantize_multiplier(0.37), s.left_shift = 17;
      REQUIRE(agrees<rt::rounding::single, kernel::round_once>(s, 4, factor));
    }
}

TEST_CASE("conv2d_add_s8: the linear form of the addition") {
  for (index_t const o : {1, 7, 16, 20, 32, 48, 64, 100})
    for (index_t width = 1; width <= 17; width += 4) {
      CAPTURE(o);
      CAPTURE(width);
      conv_add_shape s = with_sum(conv(2, width, 4, o, 3, 1, 1), {0.03, 0.05, 0.05}, o % 3);
      s.linear = rt::with_linear_sum(rt::addition_of(s)).linear;
      REQUIRE(s.linear.right > 0);
      for (double const factor : {0.0, 0.3}) REQUIRE(agrees<rt::rounding::single, kernel::round_once>(s, 5, factor));
    }
}

TEST_CASE("conv2d_add_s8: 10,000 random shapes on sixteen grids, half of the additions linear") {
  petra::random r(7);
  auto const one_to = [&](index_t n) { return 1 + static_cast<index_t>(r.index(n)); };
  auto const any = [&] { return static_cast<std::int32_t>(r.index(256)) - 128; };
  auto const scale = [&] { return static_cast<double>(r.uniform(0.02f, 0.1f)); };
  std::vector<conv_add_shape> grids;
  for (int i = 0; i < 16; ++i) {
    grids.push_back(with_sum({}, {scale(), scale(), scale()}, 0, any(), any(), any(), i % 4 < 2));
    if (i % 2 == 0) grids.back().linear = rt::with_linear_sum(rt::addition_of(grids.back())).linear;
  }
  for (int i = 0; i < 10000; ++i) {
    index_t const kernel = one_to(3);
    conv_shape c = conv(kernel - 1 + one_to(3), kernel - 1 + one_to(9), one_to(5), i % 16 == 0 ? one_to(70) : one_to(6),
                        kernel, one_to(2), one_to(kernel) - 1);
    conv_add_shape s = grids[static_cast<std::size_t>(i % 16)];
    c.out_zero = s.out_zero, c.out_min = s.out_min, c.out_max = s.out_max;
    static_cast<conv_shape&>(s) = c;
    s.added = c.out;
    s.added.halo = s.added.halo_h = one_to(3) - 1;
    CAPTURE(i);
    REQUIRE(agrees<rt::rounding::single, kernel::round_once>(s, static_cast<std::uint64_t>(i)));
  }
}

TEST_CASE("conv2d_add_s8: the same bits as the two kernels apart; literal extents") {
  constexpr conv_add_shape s = with_sum(
      {.in = {8, 8, 16, 1}, .out = {8, 8, 16, 1}, .kernel_h = 3, .kernel_w = 3, .pad = 1, .out_min = -20}, {}, 1);
  CHECK(agrees(rt::fixed<s>{}));
  CHECK(agrees(rt::fixed<with_sum({.in = {4, 4, 8, 0}, .out = {4, 4, 50, 2}}, {0.1, 0.02, 0.07}, 0)>{}));
  petra::random r(9);
  std::vector<std::int8_t> x(1600 + 64), added(1600 + 64), own(1024), apart(1600), joined(1600);
  std::vector<std::int8_t> w(static_cast<std::size_t>(rt::packed_size(s))), shift(16, -9);
  std::vector<std::int32_t> bias(16, 100), multiplier(16, 1 << 30);
  fill(r, x), fill(r, added), fill(r, w, -127);
  conv_shape alone = s;
  alone.out.halo = alone.out.halo_h = 0;
  rt::conv2d_s8(alone, x.data(), w.data(), bias.data(), multiplier.data(), shift.data(), own.data());
  rt::add_s8(rt::addition_of(s), own.data(), added.data(), apart.data());
  rt::conv2d_add_s8(s, x.data(), added.data(), w.data(), bias.data(), multiplier.data(), shift.data(), joined.data());
  CHECK(apart == joined);
}

}  // namespace
