// float depthwise convolution (one filter per channel) with bias and ReLU; fills the frame of its output with zeros.
//
// y (OH,OW,C) = relu(bias + sum x * w)    x (H,W,C), w packed [KH * KW][C]
//
// Deterministic. Pre: those of conv_f32_shape; groups == in.c == out.c.
#pragma once
#include "petra/runtime/conv_shape.hpp"
#include "petra/runtime/halo.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

template <class Shape>
inline void depthwise_f32(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  conv_f32_shape const s = shape;
  for (index_t first = 0; first < s.out.c; first += f32_lanes) {
    index_t const n = s.out.c - first < f32_lanes ? s.out.c - first : f32_lanes;
    f32v const start = load(bias + first, n);
    for (index_t oy = 0; oy < s.out.h; ++oy)
      for (index_t ox = 0; ox < s.out.w; ++ox) {
        float const* p = x + window(s, oy, ox) + first;
        float const* q = w + first;
        f32v sum = start;
        for (index_t kh = 0; kh < s.kernel_h; ++kh)
          for (index_t kw = 0; kw < s.kernel_w; ++kw, q += s.in.c)
            sum = load(p + kh * s.in.row() + kw * s.in.c) * load(q, n) + sum;
        store(y + s.out.origin() + oy * s.out.row() + ox * s.out.c + first, s.relu ? max(sum, f32v{}) : sum, n);
      }
  }
  fill_halo(s.out, y);
}

}  // namespace petra::rt
