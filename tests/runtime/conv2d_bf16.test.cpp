// runtime/conv2d_bf16.hpp and dense_bf16.hpp against the reference in double, and against the same layer in float.
#include "petra/runtime/conv2d_bf16.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/conv2d_bf16.hpp"
#include "petra/runtime/dense_bf16.hpp"

namespace {

using namespace petra;
using rt::conv_f32_shape;

constexpr conv_f32_shape conv(index_t h, index_t w, index_t c, index_t o, index_t kernel, index_t stride, index_t pad) {
  index_t const oh = (h + 2 * pad - kernel) / stride + 1, ow = (w + 2 * pad - kernel) / stride + 1;
  return {.in = {h, w, c, pad + (c % 3 == 0)},
          .out = {oh, ow, o, o % 3},
          .kernel_h = kernel,
          .kernel_w = kernel,
          .stride = stride,
          .pad = pad,
          .relu = o % 2 == 0};
}

// Rows of a matrix product: a 1x1 convolution without frames.
constexpr conv_f32_shape product(index_t m, index_t c, index_t o) { return {.in = {1, m, c}, .out = {1, m, o}}; }

std::vector<double> as_double(auto const& v) { return {v.begin(), v.end()}; }

// Every output lies within k * eps * sum |x w| of the exact sum of rounded numbers, and within 2^-7 * sum |x w| of that of
// the floats; the frame is zero; nothing behind any operand is touched, and the scratch memory is no larger than it says.
template <class Shape>
bool agrees(Shape shape, bool dense = false, std::uint64_t seed = 9) {
  conv_f32_shape const s = shape;
  petra::random r(key(seed, s.in.c, s.out.c, s.kernel_h, s.stride, s.in.w));
  index_t const taps = s.kernel_h * s.kernel_w * s.in.c, inputs = s.in.pixels() * s.in.c,
                outputs = s.out.pixels() * s.out.c;
  guarded::operand<float> x(s.in.elements()), bias(s.out.c), y(s.out.elements());
  guarded::operand<std::uint16_t> packed(rt::packed_size_bf16(s)), scratch(rt::conv_bf16_scratch(s));
  std::vector<float> plain(static_cast<std::size_t>(inputs)), w(static_cast<std::size_t>(s.out.c * taps));
  for (float& e : plain) e = r.normal();
  for (float& e : w) e = r.normal();
  for (float& e : bias.span()) e = r.normal();
  for (float& e : y.span()) e = 77.f;
  for (std::uint16_t& e : scratch.span()) e = 0x7fc0;  // NaN
  for (index_t i = 0; i < s.in.h; ++i)
    for (index_t j = 0; j < s.in.w * s.in.c; ++j)
      x[s.in.origin() + i * s.in.row() + j] = plain[static_cast<std::size_t>(i * s.in.w * s.in.c + j)];
  rt::pack_bf16(s, w.data(), packed.data());
  if (dense)
    rt::dense_bf16(shape, x.data(), packed.data(), bias.data(), scratch.data(), y.data());
  else
    rt::conv2d_bf16(shape, x.data(), packed.data(), bias.data(), scratch.data(), y.data());

  using namespace petra::kernel;
  workspace none;
  index_t const bottom = (s.out.h - 1) * s.stride + s.kernel_h - s.pad_h - s.in.h,
                right = (s.out.w - 1) * s.stride + s.kernel_w - s.pad - s.in.w;
  conv_pad const pad{s.pad_h, std::max<index_t>(bottom, 0), s.pad, std::max<index_t>(right, 0)};
  conv2d_dims const d{1, s.in.h, s.in.w, s.in.c, s.out.c, s.kernel_h, s.kernel_w, s.stride, pad, 1};
  std::vector<bf16> narrow;
  for (float const e : w) narrow.push_back(to_bf16(e));
  std::vector<double> rounded(static_cast<std::size_t>(outputs)), exact(rounded), size(rounded);
  conv2d(scalar_tag{}, d, plain.data(), narrow.data(), bias.data(), rounded.data(), none);
  auto xd = as_double(plain), wd = as_double(w), bd = as_double(bias.span());
  conv2d(scalar_tag{}, d, xd.data(), wd.data(), bd.data(), exact.data(), none);
  for (auto* const v : {&xd, &wd, &bd})
    for (double& e : *v) e = std::abs(e);
  conv2d(scalar_tag{}, d, xd.data(), wd.data(), bd.data(), size.data(), none);

  index_t const halo = s.out.halo;
  for (index_t i = -s.out.halo_h; i < s.out.h + s.out.halo_h; ++i)
    for (index_t j = -halo; j < s.out.w + halo; ++j)
      for (index_t o = 0; o < s.out.c; ++o) {
        auto const found = static_cast<double>(y[s.out.origin() + i * s.out.row() + j * s.out.c + o]);
        if (i < 0 || i >= s.out.h || j < 0 || j >= s.out.w) {
          if (found != 0) return false;
          continue;
        }
        auto const at = static_cast<std::size_t>((i * s.out.w + j) * s.out.c + o);
        auto const want = [&](double sum) { return s.relu && sum < 0 ? 0 : sum; };
        double const sums = 0x1p-23 * static_cast<double>(taps + 1) * size[at];
        if (!(std::abs(found - want(rounded[at])) <= sums)) return false;
        if (!(std::abs(found - want(exact[at])) <= 1.01 * 0x1p-7 * size[at] + sums)) return false;
      }
  return true;
}

TEST_CASE("conv2d_bf16: series; frames and padding that differ along the axes") {
  for (index_t const taps : {1, 2, 3, 8, 40})
    for (index_t const stride : {1, 2})
      for (index_t const c : {1, 3, 16, 64}) {
        CAPTURE(taps);
        CAPTURE(stride);
        CAPTURE(c);
        index_t const left = (taps - 1) / 2;
        REQUIRE(agrees(conv_f32_shape{.in = {1, 600, c, taps / 2, 0},
                                      .out = {1, 599 / stride + 1, 17, 1, 0},
                                      .kernel_w = taps,
                                      .stride = stride,
                                      .pad = left,
                                      .pad_h = 0}));
      }
  for (index_t const c : {3, 6})
    REQUIRE(agrees(conv_f32_shape{.in = {9, 7, c, 2, 4},
                                  .out = {5, 4, 11, 0, 1},
                                  .kernel_h = 5,
                                  .kernel_w = 3,
                                  .stride = 2,
                                  .pad = 1,
                                  .pad_h = 3}));
}

TEST_CASE("conv2d_bf16: inputs x outputs") {
  for (index_t const c : {1, 2, 3, 4, 5, 16, 17, 32})
    for (index_t const o : {1, 2, 10, 15, 16, 17, 32, 40, 48, 64}) {
      CAPTURE(c);
      CAPTURE(o);
      REQUIRE(agrees(conv(3, 5, c, o, 3, 1, 1)));
    }
}

TEST_CASE("conv2d_bf16: kernels x strides x padding") {
  for (index_t const kernel : {1, 2, 3, 5})
    for (index_t const stride : {1, 2})
      for (index_t pad = 0; pad < 3; ++pad)
        for (index_t const c : {1, 3, 16}) {
          CAPTURE(kernel);
          CAPTURE(stride);
          CAPTURE(pad);
          CAPTURE(c);
          REQUIRE(agrees(conv(7, 6, c, 18, kernel, stride, pad)));
        }
}

TEST_CASE("conv2d_bf16: every width of a row, so every way to tile it") {
  for (index_t width = 1; width <= 37; ++width)
    for (index_t const o : {7, 16, 32, 48}) {
      CAPTURE(width);
      CAPTURE(o);
      REQUIRE(agrees(conv(2, width, 4, o, 3, 1, 1)));
    }
}

TEST_CASE("conv2d_bf16: rows of a product") {
  for (index_t const m : {1, 2, 3, 7, 8, 9, 17})
    for (index_t const c : {1, 3, 7, 15, 16, 17, 30, 130})
      for (index_t const o : {1, 10, 16, 33, 64}) {
        CAPTURE(m);
        CAPTURE(c);
        CAPTURE(o);
        REQUIRE(agrees(product(m, c, o)));
      }
}

TEST_CASE("conv2d_bf16: more than one band, of a product and of a map") {
  static_assert(rt::in_bands(product(70, 1000, 3)).in.h == 4 && rt::rest_of_bands(product(70, 1000, 3)).in.w == 6);
  REQUIRE(agrees(product(70, 1000, 3)));
  REQUIRE(agrees(product(49, 1000, 2)));
  REQUIRE(agrees(product(48, 1000, 1)));
  for (index_t const stride : {1, 2}) {
    static_assert(rt::band_rows(conv(23, 40, 64, 3, 3, 1, 1)) < 5);
    REQUIRE(agrees(conv(23, 40, 64, 1, 3, stride, 1)));
  }
  static_assert(rt::band_rows(conv(4, 100, 200, 2, 3, 1, 1)) == 1);  // a row is more than a band
  REQUIRE(agrees(conv(4, 100, 200, 2, 3, 1, 1)));
}

TEST_CASE("dense_bf16: vectors and whole maps, and the same by conv2d_bf16") {
  for (index_t const c : {1, 3, 17, 64})
    for (index_t const o : {1, 2, 10, 16, 17, 40, 64, 100})
      for (index_t const size : {1, 4}) {
        CAPTURE(c);
        CAPTURE(o);
        REQUIRE(agrees(conv(size, size, c, o, size, 1, 0), true));
        REQUIRE(agrees(conv(size, size, c, o, size, 1, 0)));
      }
}

TEST_CASE("conv2d_bf16: 10,000 random shapes") {
  petra::random r(5);
  auto const one_to = [&](index_t n) { return 1 + r.index(n); };
  for (int i = 0; i < 10000; ++i) {
    index_t const kernel = one_to(3), c = i % 16 == 0 ? one_to(20) : one_to(5),
                  o = i % 32 == 0 ? one_to(40) : one_to(5);
    conv_f32_shape s =
        conv(kernel - 1 + one_to(4), kernel - 1 + one_to(8), c, o, kernel, one_to(3), one_to(kernel) - 1);
    if (i % 4 == 0) s = product(one_to(20), c, o);
    CAPTURE(i);
    REQUIRE(agrees(s, false, static_cast<std::uint64_t>(i)));
  }
}

TEST_CASE("conv2d_bf16: literal extents") {
  REQUIRE(agrees(
      rt::fixed<conv_f32_shape{.in = {9, 28, 3, 1}, .out = {9, 28, 16, 1}, .kernel_h = 3, .kernel_w = 3, .pad = 1}>{}));
  REQUIRE(
      agrees(rt::fixed<conv_f32_shape{
                 .in = {4, 7, 24, 1}, .out = {4, 7, 48, 0}, .kernel_h = 3, .kernel_w = 3, .pad = 1, .relu = true}>{}));
  REQUIRE(agrees(rt::fixed<conv_f32_shape{.in = {8, 8, 32, 0}, .out = {4, 4, 50, 2}, .stride = 2}>{}));
  REQUIRE(agrees(rt::fixed<conv_f32_shape{.in = {5, 5, 20, 0}, .out = {5, 5, 33, 0}}>{}));
  REQUIRE(agrees(rt::fixed<conv_f32_shape{.in = {1, 49, 1000, 0}, .out = {1, 49, 4, 0}}>{}));
  REQUIRE(agrees(rt::fixed<conv_f32_shape{.in = {1, 1, 64, 0}, .out = {1, 1, 10, 0}}>{}, true));
}

}  // namespace
