// int8 depthwise convolution (one filter per channel) with bias, requantization and clamp; fills the frame of its
// output.
//
// y (OH,OW,C) = clamp(out_zero + requantize(bias + sum (x + 128) * w))    x (H,W,C), w packed [KH * KW][C]
//
// Source: TensorFlow Lite int8 specification, DEPTHWISE_CONV_2D. Bit-exact everywhere. Deterministic.
// Pre: those of conv_shape; groups == in.c == out.c; bias folded (fold_bias).
#pragma once
#include "petra/runtime/conv_shape.hpp"
#include "petra/runtime/halo.hpp"
#include "petra/runtime/lanes.hpp"

namespace petra::inline PETRA_ABI::rt {

// sum[p] += the taps of Pixels neighbors in one row, 16 channels.
template <int Pixels>
PETRA_INLINE void accumulate_taps(conv_shape const& s, std::int8_t const* x, std::int8_t const* w, index_t n,
                                  i32x16 (&sum)[Pixels]) noexcept {
  for (index_t kh = 0; kh < s.kernel_h; ++kh)
    for (index_t kw = 0; kw < s.kernel_w; ++kw, w += s.in.c) {
      i32x16 const weight = i32x16::load(w, n);
#pragma GCC unroll 64
      for (int p = 0; p < Pixels; ++p)
        sum[p] = sum[p] + i32x16::load(x + kh * s.in.row() + (kw + p * s.stride) * s.in.c) * weight;
    }
}

template <class Rounding = rounding::single, class Shape>
inline void depthwise_s8(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* bias,
                         std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* y) noexcept {
  conv_shape const s = shape;
  output_grid const grid{s.out_zero, s.out_min, s.out_max};
  for (index_t first = 0; first < s.out.c; first += 16) {
    index_t const n = s.out.c - first < 16 ? s.out.c - first : 16;
    requantizer<Rounding> const scale = requantizer<Rounding>::load(multiplier + first, shift + first, n);
    // sum (x + 128) w = 128 sum w + sum x w: the first part once, so that a tap costs a load, a product and a sum.
    i32x16 start = i32x16::load(bias + first, n);
    for (index_t k = 0; k < s.kernel_h * s.kernel_w; ++k)
      start = start + (i32x16::load(w + k * s.in.c + first, n) << 7);
    for (index_t oy = 0; oy < s.out.h; ++oy) {
      std::int8_t const* p = x + window(s, oy, 0) + first;
      std::int8_t* q = y + s.out.origin() + oy * s.out.row() + first;
      auto const pixels = [&](auto& sum) {
        for (auto& v : sum) v = start;
        accumulate_taps(s, p, w + first, n, sum);
        for (auto& v : sum) {
          store(q, scale(v), grid, n);
          q += s.out.c;
          p += s.stride * s.in.c;
        }
      };
      index_t ox = 0;
      for (i32x16 four[4]; ox + 4 <= s.out.w; ox += 4) pixels(four);
      for (i32x16 one[1]; ox < s.out.w; ++ox) pixels(one);
    }
  }
  fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
}

}  // namespace petra::rt
