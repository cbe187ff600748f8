// int8 depthwise convolution, the specification: channel c of the output sees channel c of the input.
//
// y (OH,OW,C) = clamp(out_zero + requantize(bias + sum (x - in_zero) * w))    x (H,W,C), w (C,KH,KW)
//
// Source: TensorFlow Lite int8 specification, DEPTHWISE_CONV_2D with multiplier 1. Assigns y.
// Pre: groups == c == o.
#pragma once
#include "petra/kernel/reference/conv2d_s8.hpp"

namespace petra::inline PETRA_ABI::kernel {

template <class Rounding = round_once>
constexpr void depthwise_s8(scalar_tag, conv2d_s8_dims const& d, std::int8_t const* x, std::int8_t const* w,
                            std::int32_t const* bias, std::int32_t const* multiplier, std::int8_t const* shift,
                            std::int8_t* y) {
  expects(d.groups == d.c && d.c == d.o, "depthwise_s8: groups, inputs and outputs must be equal");
  for (index_t oy = 0; oy < d.out_h(); ++oy)
    for (index_t ox = 0; ox < d.out_w(); ++ox)
      for (index_t c = 0; c < d.c; ++c) {
        std::int32_t sum = bias[c];
        for (index_t kh = 0; kh < d.kernel_h; ++kh)
          for (index_t kw = 0; kw < d.kernel_w; ++kw) {
            index_t const iy = oy * d.stride - d.pad + kh, ix = ox * d.stride - d.pad + kw;
            bool const inside = iy >= 0 && iy < d.h && ix >= 0 && ix < d.w;
            std::int32_t const v = inside ? x[(iy * d.w + ix) * d.c + c] : d.in_zero;  // padding is a real zero
            sum += (v - d.in_zero) * w[(c * d.kernel_h + kh) * d.kernel_w + kw];
          }
        *y++ = onto_grid(Rounding::apply(sum, multiplier[c], shift[c]), d.out_zero, d.out_min, d.out_max);
      }
}

}  // namespace petra::kernel
