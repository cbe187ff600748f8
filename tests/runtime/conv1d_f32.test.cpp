// runtime/conv1d_f32.hpp against the specification in double.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/conv1d.hpp"
#include "petra/runtime/conv1d_f32.hpp"

namespace {

using namespace petra;
using rt::conv1d_f32_shape;

conv1d_f32_shape conv(index_t w, index_t c, index_t o, index_t taps, index_t stride = 1, index_t dilation = 1,
                      index_t spare = 0) {
  index_t const left = rt::same_left(taps, dilation), right = rt::same_right(taps, dilation);
  return {.in = {w, c, left + spare, right},
          .out = {(w - 1) / stride + 1, o, o % 3, o % 2},
          .taps = taps,
          .stride = stride,
          .dilation = dilation,
          .pad = left,
          .relu = o % 2 == 0};
}

// True when every output lies within k * eps * sum |x w| of the exact sum, the frame is zero and nothing behind any
// operand is touched.
template <class Shape>
bool agrees(Shape shape, std::uint64_t seed = 1) {
  conv1d_f32_shape const s = shape;
  petra::random r(key(seed, s.in.c, s.out.c, s.taps, s.stride, s.dilation, s.in.w));
  index_t const all = s.in.w * s.in.c;
  guarded::operand<float> x(s.in.elements()), w(s.out.c * s.taps * s.in.c), packed(rt::packed_size(s)), bias(s.out.c),
      y(s.out.elements());
  for (index_t i = 0; i < all; ++i) x[s.in.origin() + i] = r.normal();
  for (float& e : w.span()) e = r.normal();
  for (float& e : bias.span()) e = r.normal();
  for (float& e : y.span()) e = 77.f;
  rt::pack(s, w.data(), packed.data());
  rt::conv1d_f32(shape, x.data(), packed.data(), bias.data(), y.data());

  kernel::conv1d_dims const d{.w = s.in.w,
                              .c = s.in.c,
                              .o = s.out.c,
                              .taps = s.taps,
                              .stride = s.stride,
                              .dilation = s.dilation,
                              .left = s.pad,
                              .right = (s.out.w - 1) * s.stride + (s.taps - 1) * s.dilation + 1 - s.pad - s.in.w};
  auto const plain = [&](auto const& v, index_t first, index_t n, auto f) {
    std::vector<double> t;
    for (index_t i = 0; i < n; ++i) t.push_back(f(static_cast<double>(v[first + i])));
    return t;
  };
  auto const same = [](double v) { return v; };
  auto const size = [](double v) { return std::abs(v); };
  std::vector<double> want(static_cast<std::size_t>(s.out.w * s.out.c)), sizes(want.size());
  kernel::conv1d(kernel::scalar_tag{}, d, plain(x, s.in.origin(), all, same).data(), plain(w, 0, w.size(), same).data(),
                 plain(bias, 0, s.out.c, same).data(), want.data());
  kernel::conv1d(kernel::scalar_tag{}, d, plain(x, s.in.origin(), all, size).data(), plain(w, 0, w.size(), size).data(),
                 plain(bias, 0, s.out.c, size).data(), sizes.data());
  for (index_t i = 0; i < s.out.elements(); ++i) {
    index_t const k = i - s.out.origin();
    double const found = static_cast<double>(y[i]);
    if (k < 0 || k >= s.out.w * s.out.c) {
      if (found != 0) return false;
      continue;
    }
    double const sum = want[static_cast<std::size_t>(k)], exact = s.relu && sum < 0 ? 0 : sum;
    if (!(std::abs(found - exact) <=
          0x1p-23 * static_cast<double>(s.taps * s.in.c + 1) * sizes[static_cast<std::size_t>(k)]))
      return false;
  }
  return true;
}

TEST_CASE("conv1d_f32: taps x dilations x strides") {
  for (index_t const taps : {1, 2, 3, 4, 9, 10, 19, 39, 40})
    for (index_t const dilation : {1, 2, 5})
      for (index_t const stride : {1, 2, 3}) {
        CAPTURE(taps);
        CAPTURE(dilation);
        CAPTURE(stride);
        REQUIRE(agrees(conv(21, 5, 18, taps, stride, dilation)));
        REQUIRE(agrees(conv(2, 16, 16, taps, stride, dilation, 1)));
      }
}

TEST_CASE("conv1d_f32: every length, and inputs x outputs") {
  for (index_t w = 1; w <= 37; ++w)
    for (index_t const o : {7, 16, 48}) REQUIRE(agrees(conv(w, 3, o, 3)));
  for (index_t const c : {1, 3, 15, 16, 17, 32})
    for (index_t const o : {1, 2, 15, 16, 17, 33, 64, 80}) {
      CAPTURE(c);
      CAPTURE(o);
      REQUIRE(agrees(conv(9, c, o, 4)));
    }
}

TEST_CASE("conv1d_f32: 10,000 random shapes") {
  petra::random r(3);
  auto const one_to = [&](index_t n) { return 1 + static_cast<index_t>(r.index(n)); };
  for (int i = 0; i < 10000; ++i) {
    conv1d_f32_shape const s = conv(one_to(12), one_to(6), i % 8 == 0 ? one_to(70) : one_to(6), one_to(7), one_to(3),
                                    one_to(3), one_to(3) - 1);
    CAPTURE(i);
    REQUIRE(agrees(s, static_cast<std::uint64_t>(i)));
  }
}

TEST_CASE("conv1d_f32: literal extents") {
  REQUIRE(agrees(
      rt::fixed<conv1d_f32_shape{.in = {30, 12, 9, 10}, .out = {30, 32, 0, 3}, .taps = 20, .pad = 9, .relu = true}>{}));
  REQUIRE(agrees(
      rt::fixed<conv1d_f32_shape{.in = {17, 4, 4, 0}, .out = {17, 20, 0, 0}, .taps = 3, .dilation = 2, .pad = 4}>{}));
}

}  // namespace
