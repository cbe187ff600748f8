// int8 convolution in groups, neither one nor depthwise, taps apart or not: plain loops, rare enough not to be worth more.
//
// y (OH,OW,O) = clamp(out_zero + requantize(bias + sum (x + 128) * w))    x (H,W,C), w (O,KH,KW,C / groups)
//
// Bit-exact everywhere. Deterministic. Pre: those of conv_shape; C and O multiples of groups; bias folded (fold_bias).
#pragma once
#include "petra/runtime/conv_shape.hpp"
#include "petra/runtime/halo.hpp"
#include "petra/runtime/requantize.hpp"

namespace petra::inline PETRA_ABI::rt {

template <class Rounding = rounding::single, class Shape>
inline void grouped_s8(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* bias,
                       std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* y) noexcept {
  conv_shape const s = shape;
  index_t const run = s.in.c / s.groups, outs = s.out.c / s.groups;
  for (index_t oy = 0; oy < s.out.h; ++oy)
    for (index_t ox = 0; ox < s.out.w; ++ox)
      for (index_t o = 0; o < s.out.c; ++o) {
        std::int8_t const* p = x + window(s, oy, ox) + o / outs * run;
        std::int8_t const* q = w + o * s.kernel_h * s.kernel_w * run;
        std::int32_t sum = bias[o];
        for (index_t kh = 0; kh < s.kernel_h; ++kh)
          for (index_t kw = 0; kw < s.kernel_w; ++kw, q += run)
            for (index_t i = 0; i < run; ++i) sum += (p[kh * s.in.row() + kw * s.dilation * s.in.c + i] + 128) * q[i];
        y[s.out.origin() + oy * s.out.row() + ox * s.out.c + o] =
            onto_grid(Rounding::apply(sum, multiplier[o], shift[o]), {s.out_zero, s.out_min, s.out_max});
      }
  fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
}

}  // namespace petra::rt
