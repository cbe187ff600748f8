// runtime/conv2d_s8.hpp, depthwise and grouped included, bit by bit against the specification.
#include <doctest/doctest.h>

#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/conv2d_s8.hpp"
#include "petra/runtime/conv2d_s8.hpp"

namespace {

using namespace petra;
using rt::conv_shape;

constexpr std::int8_t guard = 0x5a;
constexpr index_t margin = 64;

enum class values { uniform, extreme };

std::vector<std::int8_t> draw(petra::random& r, index_t n, values v, std::int32_t lo) {
  std::vector<std::int8_t> x(static_cast<std::size_t>(n));
  for (auto& e : x) {
    auto const u = static_cast<std::int32_t>(r.index(v == values::extreme ? 2 : 128 - lo));
    e = static_cast<std::int8_t>(v == values::extreme ? (u == 0 ? lo : 127) : lo + u);
  }
  return x;
}

struct grid {
  std::int32_t in_zero = 0, out_zero = 0, out_min = -128, out_max = 127;
};

conv_shape conv(index_t h, index_t w, index_t c, index_t o, index_t kernel, index_t stride, index_t pad,
                index_t groups = 1) {
  index_t const oh = (h + 2 * pad - kernel) / stride + 1, ow = (w + 2 * pad - kernel) / stride + 1;
  return {.in = {h, w, c, pad + (c % 3 == 0)},
          .out = {oh, ow, o, o % 3},
          .kernel_h = kernel,
          .kernel_w = kernel,
          .stride = stride,
          .pad = pad,
          .groups = groups};
}

// A series whose taps lie apart, in groups: its frame is as wide on the right as on the left.
conv_shape apart(index_t w, index_t c, index_t o, index_t taps, index_t stride, index_t dilation, index_t pad,
                 index_t groups) {
  index_t const all = (taps - 1) * dilation, side = pad > all - pad ? pad : all - pad;
  return {.in = {1, w, c, side, 0},
          .out = {1, (w - 1) / stride + 1, o, o % 3, 0},
          .kernel_h = 1,
          .kernel_w = taps,
          .stride = stride,
          .pad = pad,
          .groups = groups,
          .pad_h = 0,
          .dilation = dilation};
}

// True when the kernel gives the specification's bits, fills the frame and writes nowhere else.
template <class Rounding, class Reference, class Shape>
bool agrees(Shape shape, grid g, values v, std::uint64_t seed, double scale = 0) {
  conv_shape const s = shape;
  petra::random r(key(seed, s.in.c, s.out.c, s.kernel_h, s.stride, s.pad, s.in.w));
  kernel::conv2d_s8_dims const d{.h = s.in.h,
                                 .w = s.in.w,
                                 .c = s.in.c,
                                 .o = s.out.c,
                                 .kernel_h = s.kernel_h,
                                 .kernel_w = s.kernel_w,
                                 .stride = s.stride,
                                 .pad = s.pad,
                                 .groups = s.groups,
                                 .in_zero = g.in_zero,
                                 .out_zero = s.out_zero,
                                 .out_min = s.out_min,
                                 .out_max = s.out_max,
                                 .top = s.pad_h,
                                 .bottom = (s.out.h - 1) * s.stride + s.kernel_h - s.pad_h - s.in.h,
                                 .right = (s.out.w - 1) * s.stride + (s.kernel_w - 1) * s.dilation + 1 - s.pad - s.in.w,
                                 .dilation = s.dilation};
  index_t const taps = s.kernel_h * s.kernel_w * (s.in.c / s.groups);
  auto const x = draw(r, s.in.pixels() * s.in.c, v, -128);
  auto const w = draw(r, s.out.c * taps, v, -127);
  auto const outs = static_cast<std::size_t>(s.out.c);
  std::vector<std::int32_t> bias(outs), multiplier(outs), folded(outs);
  std::vector<std::int8_t> shift(outs);
  for (std::size_t o = 0; o < outs; ++o) {
    bias[o] = static_cast<std::int32_t>(r.index(20001)) - 10000;
    rt::requant const q = rt::quantize_multiplier(scale > 0 && o % 2 == 0 ? scale
                                                                          : static_cast<double>(r.uniform(0.2f, 2.f)) /
                                                                                (60.0 * static_cast<double>(taps)));
    multiplier[o] = q.multiplier;
    shift[o] = static_cast<std::int8_t>(q.shift);
  }
  std::vector<std::int8_t> want(static_cast<std::size_t>(s.out.pixels() * s.out.c));
  kernel::conv2d_s8<Reference>(kernel::scalar_tag{}, d, x.data(), w.data(), bias.data(), multiplier.data(),
                               shift.data(), want.data());

  guarded::operand<std::int8_t> framed(s.in.elements()), packed(rt::packed_size(s));
  for (auto& e : framed.span()) e = static_cast<std::int8_t>(g.in_zero);
  for (index_t i = 0; i < s.in.h; ++i)
    for (index_t j = 0; j < s.in.w * s.in.c; ++j)
      framed[s.in.origin() + i * s.in.row() + j] = x[static_cast<std::size_t>(i * s.in.w * s.in.c + j)];
  rt::pack(s, w.data(), packed.data());
  rt::fold_bias(s, w.data(), bias.data(), g.in_zero, folded.data());
  std::vector<std::int8_t> y(static_cast<std::size_t>(s.out.elements() + 2 * margin), guard);
  rt::conv2d_s8<Rounding>(shape, framed.data(), packed.data(), folded.data(), multiplier.data(), shift.data(),
                          y.data() + margin);

  for (index_t i = 0; i < margin; ++i)
    if (y[static_cast<std::size_t>(i)] != guard || y[static_cast<std::size_t>(margin + s.out.elements() + i)] != guard)
      return false;
  index_t const halo = s.out.halo;
  for (index_t i = -s.out.halo_h; i < s.out.h + s.out.halo_h; ++i)
    for (index_t j = -halo; j < s.out.w + halo; ++j)
      for (index_t o = 0; o < s.out.c; ++o) {
        bool const inside = i >= 0 && i < s.out.h && j >= 0 && j < s.out.w;
        std::int32_t const expected =
            inside ? want[static_cast<std::size_t>((i * s.out.w + j) * s.out.c + o)] : s.out_zero;
        if (y[static_cast<std::size_t>(margin + s.out.origin() + i * s.out.row() + j * s.out.c + o)] != expected)
          return false;
      }
  return true;
}

template <class Shape>
bool agrees(Shape shape, grid g = {}, values v = values::uniform, std::uint64_t seed = 1) {
  return agrees<rt::rounding::single, kernel::round_once>(shape, g, v, seed) &&
         agrees<rt::rounding::twice, kernel::round_twice>(shape, g, v, seed);
}

bool on_grid(conv_shape s, grid g, values v = values::uniform) {
  s.out_zero = g.out_zero;
  s.out_min = g.out_min;
  s.out_max = g.out_max;
  return agrees(s, g, v);
}

constexpr index_t inputs[] = {1, 3, 4, 5, 8, 16, 17, 24, 32, 64};
constexpr index_t outputs[] = {1, 2, 10, 15, 16, 17, 32, 40, 48, 64, 80};

TEST_CASE("conv2d_s8: inputs x outputs") {
  for (index_t const c : inputs)
    for (index_t const o : outputs) {
      CAPTURE(c);
      CAPTURE(o);
      REQUIRE(on_grid(conv(3, 5, c, o, 3, 1, 1), {.in_zero = 3, .out_zero = -5}));
    }
}

TEST_CASE("conv2d_s8: kernels x strides x padding") {
  for (index_t const kernel : {1, 3, 5})
    for (index_t const stride : {1, 2})
      for (index_t pad = 0; pad <= 2; ++pad)
        for (index_t const c : {1, 3, 16}) {
          CAPTURE(kernel);
          CAPTURE(stride);
          CAPTURE(pad);
          CAPTURE(c);
          REQUIRE(on_grid(conv(7, 6, c, 18, kernel, stride, pad), {.in_zero = -17, .out_zero = 4}));
        }
}

TEST_CASE("conv2d_s8: every width of a row, so every way to tile it") {
  for (index_t width = 1; width <= 37; ++width)
    for (index_t const o : {7, 16, 32, 48, 64}) {
      CAPTURE(width);
      CAPTURE(o);
      REQUIRE(on_grid(conv(2, width, 4, o, 3, 1, 1), {.in_zero = 1}));
    }
}

TEST_CASE("conv2d_s8: extreme zero points, clamps and values") {
  for (std::int32_t const zero : {-128, 0, 127})
    for (values const v : {values::uniform, values::extreme}) {
      CAPTURE(zero);
      REQUIRE(on_grid(conv(6, 6, 16, 16, 3, 1, 1), {.in_zero = zero, .out_zero = -zero / 2 - 1}, v));
      REQUIRE(on_grid(conv(6, 6, 5, 33, 3, 2, 1), {zero, -128, -128, 127}, v));
      REQUIRE(on_grid(conv(6, 6, 64, 16, 3, 1, 1), {zero, 127, -20, 90}, v));
      REQUIRE(on_grid(conv(6, 6, 8, 20, 3, 1, 1), {zero, 10, 10, 127}, v));
    }
}

TEST_CASE("conv2d_s8: groups and depthwise") {
  for (index_t const stride : {1, 2}) {
    REQUIRE(on_grid(conv(5, 6, 8, 12, 3, stride, 1, 4), {.in_zero = 9, .out_zero = -3}));
    REQUIRE(on_grid(conv(5, 6, 6, 6, 3, stride, 1, 2), {.in_zero = 9}));
    for (index_t const c : {2, 3, 8, 16, 17, 32, 63, 64, 80})
      for (index_t const kernel : {1, 3, 5}) {
        CAPTURE(c);
        CAPTURE(kernel);
        REQUIRE(on_grid(conv(7, 9, c, c, kernel, stride, kernel / 2, c), {.in_zero = -128, .out_zero = 5}));
        REQUIRE(on_grid(conv(7, 9, c, c, kernel, stride, kernel / 2, c), {127, -128, -128, 127}, values::extreme));
      }
  }
}

TEST_CASE("conv2d_s8: series in groups whose taps lie apart") {
  for (index_t const taps : {1, 2, 3, 8, 30, 70})
    for (index_t const dilation : {1, 2, 5})
      for (index_t const stride : {1, 2}) {
        CAPTURE(taps);
        CAPTURE(dilation);
        index_t const all = (taps - 1) * dilation;
        for (index_t const pad : {all / 2, all}) {
          REQUIRE(on_grid(apart(21, 8, 12, taps, stride, dilation, pad, 4), {.in_zero = 9, .out_zero = -3}));
          for (index_t const c : {2, 3, 8, 16, 17, 32, 63, 80})
            REQUIRE(on_grid(apart(21, c, c, taps, stride, dilation, pad, c), {.in_zero = -128, .out_zero = 5}));
        }
      }
  REQUIRE(agrees(rt::fixed<conv_shape{.in = {1, 17, 20, 6, 0},
                                      .out = {1, 17, 20, 1, 0},
                                      .kernel_w = 4,
                                      .pad = 6,
                                      .groups = 20,
                                      .pad_h = 0,
                                      .dilation = 2}>{}));
}

TEST_CASE("conv2d_s8: a kernel of the whole map, and 1 x 1 maps") {
  REQUIRE(on_grid(conv(8, 8, 16, 10, 8, 1, 0), {.in_zero = 7}));
  REQUIRE(on_grid(conv(1, 1, 64, 100, 1, 1, 0), {.in_zero = 7}));
  REQUIRE(on_grid(conv(1, 1, 37, 3, 1, 1, 0), {.in_zero = 7}));
  REQUIRE(on_grid(conv(2, 3, 5, 9, 1, 1, 0), {.in_zero = 7}));
}

TEST_CASE("conv2d_s8: 10,000 random shapes, one in four depthwise, one in four grouped") {
  petra::random r(5);
  auto const one_to = [&](index_t n) { return 1 + static_cast<index_t>(r.index(n)); };
  for (int i = 0; i < 10000; ++i) {
    index_t const kernel = one_to(3), groups = i % 4 > 1 ? one_to(4) : 1, each = i % 4 == 2 ? 1 : one_to(4);
    index_t const c = groups * each, o = groups * (i % 4 == 2 ? 1 : i % 32 == 0 ? one_to(40) : one_to(4));
    conv_shape s =
        conv(kernel - 1 + one_to(5), kernel - 1 + one_to(9), c, o, kernel, one_to(3), one_to(kernel) - 1, groups);
    s.out_zero = static_cast<std::int32_t>(r.index(256)) - 128;
    if (i % 2 == 0) s.out_min = s.out_zero;
    grid const g{.in_zero = static_cast<std::int32_t>(r.index(256)) - 128};
    CAPTURE(i);
    REQUIRE(agrees<rt::rounding::single, kernel::round_once>(s, g, values::uniform, static_cast<std::uint64_t>(i)));
  }
}

TEST_CASE("conv2d_s8: factors of 1/4 and more, and below 2^-22") {
  for (double const scale : {0.26, 0.9, 1e-7})
    for (index_t const o : {10, 16, 40, 64}) {
      CAPTURE(scale);
      CAPTURE(o);
      REQUIRE(
          agrees<rt::rounding::single, kernel::round_once>(conv(3, 9, 4, o, 3, 1, 1), {}, values::uniform, 1, scale));
      REQUIRE(agrees<rt::rounding::single, kernel::round_once>(conv(3, 9, 20, 20, 3, 1, 1, 20), {}, values::uniform, 1,
                                                               scale));
    }
}

TEST_CASE("conv2d_s8: depthwise, narrow and wide, every width") {
  for (index_t const c : {2, 4, 8, 16, 24})
    for (index_t width = 1; width <= 21; ++width) {
      CAPTURE(c);
      CAPTURE(width);
      REQUIRE(on_grid(conv(3, width, c, c, 3, 1, 1, c), {.in_zero = 5, .out_zero = -7}));
    }
  REQUIRE(on_grid(conv(9, 9, 8, 8, 9, 1, 4, 8), {.in_zero = 5}));  // more taps than vectors of them are for
}

// A window of taps x 1 on one row; the frame lies on the left and right alone.
constexpr conv_shape series(index_t w, index_t c, index_t o, index_t taps, index_t stride, index_t left, index_t right,
                            index_t groups = 1) {
  return {.in = {1, w, c, left > right ? left : right, 0},
          .out = {1, (left + w + right - taps) / stride + 1, o, o % 3, 0},
          .kernel_w = taps,
          .stride = stride,
          .pad = left,
          .groups = groups,
          .pad_h = 0};
}

TEST_CASE("conv2d_s8: series, whose padding may differ on the two sides") {
  for (index_t const taps : {1, 2, 3, 8, 40})
    for (index_t const stride : {1, 2})
      for (index_t const c : {1, 3, 4, 16, 20}) {
        CAPTURE(taps);
        CAPTURE(stride);
        CAPTURE(c);
        grid const g{.in_zero = 7, .out_zero = -3};
        index_t const half = (taps - 1) / 2;
        REQUIRE(on_grid(series(43, c, 17, taps, stride, half, taps - 1 - half), g));
        REQUIRE(on_grid(series(43, c, 16, taps, stride, taps - 1, 0), g));
        REQUIRE(on_grid(series(43, c, 8, taps, stride, 0, 0), g));
        REQUIRE(on_grid(series(43, 2 * c, 2 * c, taps, stride, half, taps - 1 - half, 2 * c), g));
        REQUIRE(on_grid(series(43, 2 * c, 6, taps, stride, half, taps - 1 - half, 2), g));
      }
  REQUIRE(agrees(rt::fixed<series(96, 16, 32, 9, 1, 4, 4)>{}));
  REQUIRE(agrees(rt::fixed<series(96, 24, 24, 8, 2, 3, 4, 24)>{}));
}

TEST_CASE("conv2d_s8: frames and padding that differ along the axes") {
  conv_shape s{
      .in = {9, 7, 5, 2, 4}, .out = {5, 4, 11, 0, 1}, .kernel_h = 5, .kernel_w = 3, .stride = 2, .pad = 1, .pad_h = 3};
  REQUIRE(on_grid(s, {.in_zero = 5, .out_zero = 1}));
  s.in.c = s.out.c = s.groups = 6;
  REQUIRE(on_grid(s, {.in_zero = 5, .out_zero = 1}));
}

TEST_CASE("conv2d_s8: literal extents give the same bits") {
  REQUIRE(agrees(
      rt::fixed<conv_shape{.in = {32, 32, 3, 1}, .out = {32, 32, 16, 1}, .kernel_h = 3, .kernel_w = 3, .pad = 1}>{}));
  REQUIRE(agrees(
      rt::fixed<conv_shape{.in = {8, 28, 1, 1}, .out = {8, 28, 16, 1}, .kernel_h = 3, .kernel_w = 3, .pad = 1}>{}));
  REQUIRE(agrees(
      rt::fixed<conv_shape{
          .in = {16, 16, 16, 1}, .out = {16, 16, 16, 1}, .kernel_h = 3, .kernel_w = 3, .pad = 1, .out_zero = -128}>{}));
  REQUIRE(agrees(
      rt::fixed<conv_shape{.in = {8, 8, 64, 1}, .out = {8, 8, 64, 0}, .kernel_h = 3, .kernel_w = 3, .pad = 1}>{}));
  REQUIRE(agrees(rt::fixed<conv_shape{.in = {8, 8, 32, 0}, .out = {4, 4, 50, 2}, .stride = 2, .out_zero = 11}>{}));
  REQUIRE(
      agrees(rt::fixed<conv_shape{
                 .in = {7, 7, 24, 1}, .out = {7, 7, 24, 0}, .kernel_h = 3, .kernel_w = 3, .pad = 1, .groups = 24}>{}));
}

}  // namespace
