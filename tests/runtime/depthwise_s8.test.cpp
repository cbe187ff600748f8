// runtime/depthwise_s8.hpp bit by bit against its own specification.
#include <doctest/doctest.h>

#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/depthwise_s8.hpp"
#include "petra/runtime/depthwise_s8.hpp"
#include "petra/runtime/pack.hpp"

namespace {

using namespace petra;
using rt::conv_shape;

template <class Rounding, class Reference, class Shape>
bool agrees(Shape shape, std::int32_t in_zero) {
  conv_shape const s = shape;
  petra::random r(key(8, s.in.c, s.kernel_h, s.stride, s.in.w));
  index_t const taps = s.kernel_h * s.kernel_w;
  auto const channels = static_cast<std::size_t>(s.in.c);
  std::vector<std::int8_t> dense, w(static_cast<std::size_t>(taps * s.in.c)), packed(w.size()), shift(channels);
  std::vector<std::int32_t> bias(channels), folded(channels), multiplier(channels);
  guarded::operand<std::int8_t> x(s.in.elements());
  for (auto& e : x.span()) e = static_cast<std::int8_t>(in_zero);
  for (index_t i = 0; i < s.in.h; ++i)
    for (index_t j = 0; j < s.in.w * s.in.c; ++j) {
      dense.push_back(static_cast<std::int8_t>(r.index(256) - 128));
      x[s.in.origin() + i * s.in.row() + j] = dense.back();
    }
  for (auto& e : w) e = static_cast<std::int8_t>(r.index(255) - 127);
  for (std::size_t c = 0; c < channels; ++c) {
    bias[c] = static_cast<std::int32_t>(r.index(2001)) - 1000;
    rt::requant const q = rt::quantize_multiplier(static_cast<double>(r.uniform(0.5f, 4.f)) / 400.0);
    multiplier[c] = q.multiplier;
    shift[c] = static_cast<std::int8_t>(q.shift);
  }
  std::vector<std::int8_t> want(static_cast<std::size_t>(s.out.pixels() * s.out.c));
  kernel::depthwise_s8<Reference>(kernel::scalar_tag{},
                                  {.h = s.in.h,
                                   .w = s.in.w,
                                   .c = s.in.c,
                                   .o = s.in.c,
                                   .kernel_h = s.kernel_h,
                                   .kernel_w = s.kernel_w,
                                   .stride = s.stride,
                                   .pad = s.pad,
                                   .groups = s.in.c,
                                   .in_zero = in_zero,
                                   .out_zero = s.out_zero,
                                   .out_min = s.out_min,
                                   .out_max = s.out_max},
                                  dense.data(), w.data(), bias.data(), multiplier.data(), shift.data(), want.data());
  rt::pack(s, w.data(), packed.data());
  rt::fold_bias(s, w.data(), bias.data(), in_zero, folded.data());
  std::vector<std::int8_t> y(static_cast<std::size_t>(s.out.elements() + 64), std::int8_t{55});
  rt::depthwise_s8<Rounding>(shape, x.data(), packed.data(), folded.data(), multiplier.data(), shift.data(), y.data());
  index_t const halo = s.out.halo;
  for (index_t i = -halo; i < s.out.h + halo; ++i)
    for (index_t j = -halo * s.out.c; j < (s.out.w + halo) * s.out.c; ++j) {
      bool const inside = i >= 0 && i < s.out.h && j >= 0 && j < s.out.w * s.out.c;
      std::int32_t const expected = inside ? want[static_cast<std::size_t>(i * s.out.w * s.out.c + j)] : s.out_zero;
      if (y[static_cast<std::size_t>(s.out.origin() + i * s.out.row() + j)] != expected) return false;
    }
  for (std::size_t i = y.size() - 64; i < y.size(); ++i)
    if (y[i] != 55) return false;
  return true;
}

template <class Shape>
bool agrees(Shape shape, std::int32_t in_zero) {
  return agrees<rt::rounding::single, kernel::round_once>(shape, in_zero) &&
         agrees<rt::rounding::twice, kernel::round_twice>(shape, in_zero);
}

TEST_CASE("depthwise_s8: channels x kernels x strides") {
  for (index_t const c : {2, 5, 8, 15, 16, 17, 24, 32, 48, 64, 67})
    for (index_t const kernel : {1, 3, 5})
      for (index_t const stride : {1, 2}) {
        CAPTURE(c);
        CAPTURE(kernel);
        CAPTURE(stride);
        index_t const pad = kernel / 2;
        REQUIRE(agrees(conv_shape{.in = {6, 7, c, pad},
                                  .out = {5 / stride + 1, 6 / stride + 1, c, c % 2},
                                  .kernel_h = kernel,
                                  .kernel_w = kernel,
                                  .stride = stride,
                                  .pad = pad,
                                  .groups = c,
                                  .out_zero = -4,
                                  .out_min = -4},
                       c % 2 == 0 ? -128 : 31));
      }
}

TEST_CASE("depthwise_s8: literal extents") {
  REQUIRE(
      agrees(rt::fixed<conv_shape{
                 .in = {25, 5, 64, 1}, .out = {25, 5, 64, 0}, .kernel_h = 3, .kernel_w = 3, .pad = 1, .groups = 64}>{},
             -128));
  REQUIRE(agrees(rt::fixed<conv_shape{.in = {8, 8, 20, 1},
                                      .out = {4, 4, 20, 1},
                                      .kernel_h = 3,
                                      .kernel_w = 3,
                                      .stride = 2,
                                      .pad = 1,
                                      .groups = 20}>{},
                 5));
}

}  // namespace
