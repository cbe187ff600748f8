// float convolution in groups, neither one nor depthwise, taps apart or not: plain loops, rare enough not to be worth more.
//
// y (OH,OW,O) = relu(bias + sum x * w)    x (H,W,C), w (O,KH,KW,C / groups)
//
// Deterministic. Pre: those of conv_f32_shape; C and O multiples of groups.
#pragma once
#include "petra/runtime/conv_shape.hpp"
#include "petra/runtime/halo.hpp"

namespace petra::inline PETRA_ABI::rt {

template <class Shape>
inline void grouped_f32(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  conv_f32_shape const s = shape;
  index_t const run = s.in.c / s.groups, outs = s.out.c / s.groups;
  for (index_t oy = 0; oy < s.out.h; ++oy)
    for (index_t ox = 0; ox < s.out.w; ++ox)
      for (index_t o = 0; o < s.out.c; ++o) {
        float const* p = x + window(s, oy, ox) + o / outs * run;
        float const* q = w + o * s.kernel_h * s.kernel_w * run;
        float sum = bias[o];
        for (index_t kh = 0; kh < s.kernel_h; ++kh)
          for (index_t kw = 0; kw < s.kernel_w; ++kw, q += run)
            for (index_t i = 0; i < run; ++i) sum += p[kh * s.in.row() + kw * s.dilation * s.in.c + i] * q[i];
        y[s.out.origin() + oy * s.out.row() + ox * s.out.c + o] = s.relu && !(sum > 0) ? 0.f : sum;
      }
  fill_halo(s.out, y);
}

}  // namespace petra::rt
