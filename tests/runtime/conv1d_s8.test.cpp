// runtime/conv1d_s8.hpp bit by bit against the specification.
#include <doctest/doctest.h>

#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/conv1d_s8.hpp"
#include "petra/runtime/conv1d_s8.hpp"

namespace {

using namespace petra;
using rt::conv1d_shape;

conv1d_shape conv(index_t w, index_t c, index_t o, index_t taps, index_t stride = 1, index_t dilation = 1,
                  index_t spare = 0) {
  index_t const left = rt::same_left(taps, dilation), right = rt::same_right(taps, dilation);
  conv1d_shape s{.in = {w, c, left + spare, right},
                 .out = {(w - 1) / stride + 1, o, o % 3, o % 2},
                 .taps = taps,
                 .stride = stride,
                 .dilation = dilation,
                 .pad = left,
                 .out_zero = static_cast<std::int32_t>(o % 5) - 3};
  if (o % 2 == 0) s.out_min = s.out_zero;
  return s;
}

// large: factors of which some are 1/4 and more.
template <class Rounding, class Reference, class Shape>
bool agrees(Shape shape, std::int32_t in_zero, bool large, std::uint64_t seed) {
  conv1d_shape const s = shape;
  petra::random r(key(seed, s.in.c, s.out.c, s.taps, s.stride, s.dilation, s.in.w));
  index_t const all = s.in.w * s.in.c;
  guarded::operand<std::int8_t> x(s.in.elements()), w(s.out.c * s.taps * s.in.c), packed(rt::packed_size(s)),
      shift(s.out.c), y(s.out.elements());
  guarded::operand<std::int32_t> bias(s.out.c), folded(s.out.c), multiplier(s.out.c);
  for (auto& e : x.span()) e = static_cast<std::int8_t>(in_zero);
  for (index_t i = 0; i < all; ++i) x[s.in.origin() + i] = static_cast<std::int8_t>(r.index(256) - 128);
  for (auto& e : w.span()) e = static_cast<std::int8_t>(r.index(255) - 127);
  for (index_t o = 0; o < s.out.c; ++o) {
    bias[o] = static_cast<std::int32_t>(r.index(20001)) - 10000;
    double const scale = large && o % 2 == 0 ? 0.4 : 1. / (60. * static_cast<double>(s.taps * s.in.c));
    rt::requant const q = rt::quantize_multiplier(static_cast<double>(r.uniform(0.2f, 2.f)) * scale);
    multiplier[o] = q.multiplier;
    shift[o] = static_cast<std::int8_t>(q.shift);
  }
  rt::pack(s, w.data(), packed.data());
  rt::fold_bias(s, w.data(), bias.data(), in_zero, folded.data());
  rt::conv1d_s8<Rounding>(shape, x.data(), packed.data(), folded.data(), multiplier.data(), shift.data(), y.data());

  kernel::conv1d_dims const d{.w = s.in.w,
                              .c = s.in.c,
                              .o = s.out.c,
                              .taps = s.taps,
                              .stride = s.stride,
                              .dilation = s.dilation,
                              .left = s.pad,
                              .right = (s.out.w - 1) * s.stride + (s.taps - 1) * s.dilation + 1 - s.pad - s.in.w};
  std::vector<std::int8_t> want(static_cast<std::size_t>(s.out.w * s.out.c));
  kernel::conv1d_s8<Reference>(kernel::scalar_tag{}, d, {in_zero, s.out_zero, s.out_min, s.out_max},
                               x.data() + s.in.origin(), w.data(), bias.data(), multiplier.data(), shift.data(),
                               want.data());
  for (index_t i = 0; i < s.out.elements(); ++i) {
    index_t const k = i - s.out.origin();
    bool const inside = k >= 0 && k < s.out.w * s.out.c;
    if (y[i] != (inside ? want[static_cast<std::size_t>(k)] : s.out_zero)) return false;
  }
  return true;
}

template <class Shape>
bool agrees(Shape shape, std::int32_t in_zero = 3, bool large = false, std::uint64_t seed = 1) {
  return agrees<rt::rounding::single, kernel::round_once>(shape, in_zero, large, seed) &&
         agrees<rt::rounding::twice, kernel::round_twice>(shape, in_zero, large, seed);
}

TEST_CASE("conv1d_s8: taps x dilations x strides") {
  for (index_t const taps : {1, 2, 3, 4, 9, 10, 19, 39, 40})
    for (index_t const dilation : {1, 2, 5})
      for (index_t const stride : {1, 2, 3}) {
        CAPTURE(taps);
        CAPTURE(dilation);
        CAPTURE(stride);
        REQUIRE(agrees(conv(21, 5, 18, taps, stride, dilation)));
        REQUIRE(agrees(conv(2, 16, 16, taps, stride, dilation, 1), -128));
      }
}

TEST_CASE("conv1d_s8: every length, and inputs x outputs") {
  for (index_t w = 1; w <= 37; ++w)
    for (index_t const o : {7, 16, 48}) REQUIRE(agrees(conv(w, 3, o, 3)));
  for (index_t const c : {1, 3, 15, 16, 17, 32})
    for (index_t const o : {1, 2, 15, 16, 17, 33, 64, 80}) {
      CAPTURE(c);
      CAPTURE(o);
      REQUIRE(agrees(conv(9, c, o, 4), 127));
      REQUIRE(agrees(conv(9, c, o, 4), 0, true));
    }
}

TEST_CASE("conv1d_s8: 10,000 random shapes") {
  petra::random r(3);
  auto const one_to = [&](index_t n) { return 1 + static_cast<index_t>(r.index(n)); };
  for (int i = 0; i < 10000; ++i) {
    conv1d_shape const s = conv(one_to(12), one_to(6), i % 8 == 0 ? one_to(70) : one_to(6), one_to(7), one_to(3),
                                one_to(3), one_to(3) - 1);
    CAPTURE(i);
    auto const zero = static_cast<std::int32_t>(r.index(256)) - 128;
    REQUIRE(agrees<rt::rounding::single, kernel::round_once>(s, zero, i % 16 == 0, static_cast<std::uint64_t>(i)));
  }
}

TEST_CASE("conv1d_s8: literal extents") {
  REQUIRE(agrees(rt::fixed<conv1d_shape{.in = {30, 12, 9, 10}, .out = {30, 32, 0, 3}, .taps = 20, .pad = 9}>{}));
  REQUIRE(agrees(rt::fixed<conv1d_shape{
                     .in = {17, 4, 4, 0}, .out = {17, 20, 0, 0}, .taps = 3, .dilation = 2, .pad = 4, .out_min = 0}>{}));
}

}  // namespace
