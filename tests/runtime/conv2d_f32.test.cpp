// runtime/conv2d_f32.hpp, depthwise and grouped included, and dense_f32.hpp against plain loops in double.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/runtime/conv2d_f32.hpp"
#include "petra/runtime/dense_f32.hpp"

namespace {

using namespace petra;
using rt::conv_f32_shape;

conv_f32_shape conv(index_t h, index_t w, index_t c, index_t o, index_t kernel, index_t stride, index_t pad,
                    index_t groups = 1) {
  index_t const oh = (h + 2 * pad - kernel) / stride + 1, ow = (w + 2 * pad - kernel) / stride + 1;
  return {.in = {h, w, c, pad + (c % 3 == 0)},
          .out = {oh, ow, o, o % 3},
          .kernel_h = kernel,
          .kernel_w = kernel,
          .stride = stride,
          .pad = pad,
          .groups = groups,
          .relu = o % 2 == 0};
}

// A series whose taps lie apart, in groups: its frame is as wide on the right as on the left.
conv_f32_shape apart(index_t w, index_t c, index_t o, index_t taps, index_t stride, index_t dilation, index_t pad,
                     index_t groups) {
  index_t const all = (taps - 1) * dilation, side = pad > all - pad ? pad : all - pad;
  return {.in = {1, w, c, side, 0},
          .out = {1, (w - 1) / stride + 1, o, o % 3, 0},
          .kernel_h = 1,
          .kernel_w = taps,
          .stride = stride,
          .pad = pad,
          .groups = groups,
          .relu = o % 2 == 0,
          .pad_h = 0,
          .dilation = dilation};
}

// True when every output lies within k * eps * sum |x w| of the exact sum, the frame is zero, and nothing behind any operand is touched.
template <class Shape>
bool agrees(Shape shape, bool dense = false, std::uint64_t seed = 9) {
  conv_f32_shape const s = shape;
  petra::random r(key(seed, s.in.c, s.out.c, s.kernel_h, s.stride, s.in.w));
  index_t const run = s.in.c / s.groups, taps = s.kernel_h * s.kernel_w * run, outs = s.out.c / s.groups;
  guarded::operand<float> x(s.in.elements()), w(s.out.c * taps), packed(rt::packed_size(s)), bias(s.out.c),
      y(s.out.elements());
  for (index_t i = 0; i < s.in.h; ++i)
    for (index_t j = 0; j < s.in.w * s.in.c; ++j) x[s.in.origin() + i * s.in.row() + j] = r.normal();
  for (float& e : w.span()) e = r.normal();
  for (float& e : bias.span()) e = r.normal();
  for (float& e : y.span()) e = 77.f;
  rt::pack(s, w.data(), packed.data());
  if (dense)
    rt::dense_f32(shape, x.data(), packed.data(), bias.data(), y.data());
  else
    rt::conv2d_f32(shape, x.data(), packed.data(), bias.data(), y.data());
  index_t const halo = s.out.halo;
  for (index_t i = -s.out.halo_h; i < s.out.h + s.out.halo_h; ++i)
    for (index_t j = -halo; j < s.out.w + halo; ++j)
      for (index_t o = 0; o < s.out.c; ++o) {
        float const found = y[s.out.origin() + i * s.out.row() + j * s.out.c + o];
        if (i < 0 || i >= s.out.h || j < 0 || j >= s.out.w) {
          if (found != 0.f) return false;
          continue;
        }
        double sum = static_cast<double>(bias[o]), size = std::abs(sum);
        for (index_t kh = 0; kh < s.kernel_h; ++kh)
          for (index_t kw = 0; kw < s.kernel_w; ++kw)
            for (index_t k = 0; k < run; ++k) {
              index_t const at = rt::window(s, i, j) + kh * s.in.row() + kw * s.dilation * s.in.c + o / outs * run + k;
              double const term = static_cast<double>(x[at]) *
                                  static_cast<double>(w[((o * s.kernel_h + kh) * s.kernel_w + kw) * run + k]);
              sum += term;
              size += std::abs(term);
            }
        double const want = s.relu && sum < 0 ? 0 : sum;
        if (!(std::abs(static_cast<double>(found) - want) <= 0x1p-23 * static_cast<double>(taps + 1) * size))
          return false;
      }
  return true;
}

TEST_CASE("conv2d_f32: inputs x outputs") {
  for (index_t const c : {1, 3, 4, 5, 16, 17, 32})
    for (index_t const o : {1, 2, 10, 15, 16, 17, 32, 40, 48, 64, 80}) {
      CAPTURE(c);
      CAPTURE(o);
      REQUIRE(agrees(conv(3, 5, c, o, 3, 1, 1)));
    }
}

TEST_CASE("conv2d_f32: kernels x strides x padding") {
  for (index_t const kernel : {1, 3, 5})
    for (index_t const stride : {1, 2})
      for (index_t pad = 0; pad <= 2; ++pad)
        for (index_t const c : {1, 3, 16}) {
          CAPTURE(kernel);
          CAPTURE(stride);
          CAPTURE(pad);
          CAPTURE(c);
          REQUIRE(agrees(conv(7, 6, c, 18, kernel, stride, pad)));
        }
}

TEST_CASE("conv2d_f32: every width of a row, so every way to tile it") {
  for (index_t width = 1; width <= 37; ++width)
    for (index_t const o : {7, 16, 32, 48, 64}) {
      CAPTURE(width);
      CAPTURE(o);
      REQUIRE(agrees(conv(2, width, 4, o, 3, 1, 1)));
    }
}

TEST_CASE("conv2d_f32: groups and depthwise") {
  for (index_t const stride : {1, 2}) {
    REQUIRE(agrees(conv(5, 6, 8, 12, 3, stride, 1, 4)));
    REQUIRE(agrees(conv(5, 6, 6, 6, 3, stride, 1, 2)));
    for (index_t const c : {2, 3, 8, 16, 17, 32, 63, 64, 80})
      for (index_t const kernel : {1, 3, 5}) {
        CAPTURE(c);
        CAPTURE(kernel);
        REQUIRE(agrees(conv(7, 9, c, c, kernel, stride, kernel / 2, c)));
      }
  }
}

TEST_CASE("conv2d_f32: series in groups whose taps lie apart") {
  for (index_t const taps : {1, 2, 3, 8, 30})
    for (index_t const dilation : {1, 2, 5})
      for (index_t const stride : {1, 2}) {
        CAPTURE(taps);
        CAPTURE(dilation);
        index_t const all = (taps - 1) * dilation;
        for (index_t const pad : {all / 2, all}) {
          REQUIRE(agrees(apart(21, 8, 12, taps, stride, dilation, pad, 4)));
          for (index_t const c : {2, 3, 8, 16, 17, 32, 63, 80})
            REQUIRE(agrees(apart(21, c, c, taps, stride, dilation, pad, c)));
        }
      }
  REQUIRE(agrees(rt::fixed<conv_f32_shape{.in = {1, 17, 16, 6, 0},
                                          .out = {1, 17, 16, 1, 0},
                                          .kernel_w = 4,
                                          .pad = 6,
                                          .groups = 16,
                                          .pad_h = 0,
                                          .dilation = 2}>{}));
}

TEST_CASE("dense_f32: vectors and whole maps, and the same by conv2d_f32") {
  for (index_t const c : {1, 3, 17, 64})
    for (index_t const o : {1, 2, 10, 16, 17, 40, 64, 100})
      for (index_t const size : {1, 4}) {
        CAPTURE(c);
        CAPTURE(o);
        REQUIRE(agrees(conv(size, size, c, o, size, 1, 0), true));
        REQUIRE(agrees(conv(size, size, c, o, size, 1, 0)));
      }
}

TEST_CASE("conv2d_f32: 10,000 random shapes, one in four depthwise, one in four grouped") {
  petra::random r(5);
  auto const one_to = [&](index_t n) { return 1 + static_cast<index_t>(r.index(n)); };
  for (int i = 0; i < 10000; ++i) {
    index_t const kernel = one_to(3), groups = i % 4 > 1 ? one_to(4) : 1, each = i % 4 == 2 ? 1 : one_to(4);
    index_t const c = groups * each, o = groups * (i % 4 == 2 ? 1 : i % 32 == 0 ? one_to(40) : one_to(4));
    conv_f32_shape const s =
        conv(kernel - 1 + one_to(5), kernel - 1 + one_to(9), c, o, kernel, one_to(3), one_to(kernel) - 1, groups);
    CAPTURE(i);
    REQUIRE(agrees(s, false, static_cast<std::uint64_t>(i)));
  }
}

// A window of taps x 1 on one row; the frame lies on the left and right alone.
constexpr conv_f32_shape series(index_t w, index_t c, index_t o, index_t taps, index_t stride, index_t left,
                                index_t right, index_t groups = 1) {
  return {.in = {1, w, c, left > right ? left : right, 0},
          .out = {1, (left + w + right - taps) / stride + 1, o, o % 3, 0},
          .kernel_w = taps,
          .stride = stride,
          .pad = left,
          .groups = groups,
          .pad_h = 0};
}

TEST_CASE("conv2d_f32: series, whose padding may differ on the two sides") {
  for (index_t const taps : {1, 2, 3, 8, 40})
    for (index_t const stride : {1, 2})
      for (index_t const c : {1, 3, 4, 16, 20}) {
        CAPTURE(taps);
        CAPTURE(stride);
        CAPTURE(c);
        index_t const half = (taps - 1) / 2;
        REQUIRE(agrees(series(43, c, 17, taps, stride, half, taps - 1 - half)));
        REQUIRE(agrees(series(43, c, 16, taps, stride, taps - 1, 0)));
        REQUIRE(agrees(series(43, c, 8, taps, stride, 0, 0)));
        REQUIRE(agrees(series(43, 2 * c, 2 * c, taps, stride, half, taps - 1 - half, 2 * c)));
        REQUIRE(agrees(series(43, 2 * c, 6, taps, stride, half, taps - 1 - half, 2)));
      }
  REQUIRE(agrees(rt::fixed<series(96, 16, 32, 9, 1, 4, 4)>{}));
  REQUIRE(agrees(rt::fixed<series(96, 24, 24, 8, 2, 3, 4, 24)>{}));
}

TEST_CASE("conv2d_f32: depthwise, narrow and wide, every width") {
  for (index_t const c : {2, 4, 8, 16, 24})
    for (index_t width = 1; width <= 21; ++width) {
      CAPTURE(c);
      CAPTURE(width);
      REQUIRE(agrees(conv(3, width, c, c, 3, 1, 1, c)));
    }
}

TEST_CASE("conv2d_f32: literal extents") {
  REQUIRE(agrees(rt::fixed<conv_f32_shape{
                     .in = {32, 32, 3, 1}, .out = {32, 32, 16, 1}, .kernel_h = 3, .kernel_w = 3, .pad = 1}>{}));
  REQUIRE(
      agrees(rt::fixed<conv_f32_shape{
                 .in = {8, 28, 1, 1}, .out = {8, 28, 16, 1}, .kernel_h = 3, .kernel_w = 3, .pad = 1, .relu = true}>{}));
  REQUIRE(agrees(
      rt::fixed<conv_f32_shape{.in = {8, 8, 64, 1}, .out = {8, 8, 64, 0}, .kernel_h = 3, .kernel_w = 3, .pad = 1}>{}));
  REQUIRE(agrees(rt::fixed<conv_f32_shape{.in = {8, 8, 32, 0}, .out = {4, 4, 50, 2}, .stride = 2}>{}));
  REQUIRE(
      agrees(rt::fixed<conv_f32_shape{
                 .in = {7, 7, 24, 1}, .out = {7, 7, 24, 0}, .kernel_h = 3, .kernel_w = 3, .pad = 1, .groups = 24}>{}));
  REQUIRE(agrees(rt::fixed<conv_f32_shape{.in = {1, 1, 64, 0}, .out = {1, 1, 10, 0}}>{}, true));
}

}  // namespace
