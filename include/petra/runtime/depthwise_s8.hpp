// int8 depthwise convolution (one filter per channel) with bias, requantization and clamp; fills the frame of its output.
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
    for (index_t k = 0; k < s.kernel_h * s.kernel_w; ++k) start = start + (i32x16::load(w + k * s.in.c + first, n) << 7);
    for (index_t oy = 0; oy < s.out.h; ++oy)
      for (index_t ox = 0; ox < s.out.w; ++ox) {
        std::int8_t const* p = x + window(s, oy, ox) + first;
        std::int8_t const* q = w + first;
        i32x16 sum = start;
        for (index_t kh = 0; kh < s.kernel_h; ++kh)
          for (index_t kw = 0; kw < s.kernel_w; ++kw, q += s.in.c)
            sum = sum + i32x16::load(p + kh * s.in.row() + kw * s.in.c) * i32x16::load(q, n);
        store(y + s.out.origin() + oy * s.out.row() + ox * s.out.c + first, scale(sum), grid, n);
      }
  }
  fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
}

}  // namespace petra::rt
