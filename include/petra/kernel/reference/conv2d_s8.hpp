// int8 convolution, the specification: plain weights and bias, zero points written out, padding as taps that are not
// there.
//
// y (OH,OW,O) = clamp(out_zero + requantize(bias + sum (x - in_zero) * w))    x (H,W,C), w (O,KH,KW,C/groups)
//
// Source: TensorFlow Lite int8 specification, CONV_2D. Rounding: round_once or round_twice (requantize_s8.hpp).
// Pre: C and O are multiples of groups; sums fit in 32 bits. Assigns y.
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct conv2d_s8_dims {
  index_t h = 1, w = 1, c = 1, o = 1, kernel_h = 1, kernel_w = 1, stride = 1, pad = 0, groups = 1;
  std::int32_t in_zero = 0, out_zero = 0, out_min = -128, out_max = 127;
  // Padding above, below and on the right; `pad` is that on the left.
  index_t top = pad, bottom = pad, right = pad;
  index_t dilation = 1;  // pixels from one tap to the next

  [[nodiscard]] constexpr index_t out_h() const {
    return (top + h + bottom - dilation * (kernel_h - 1) - 1) / stride + 1;
  }
  [[nodiscard]] constexpr index_t out_w() const {
    return (pad + w + right - dilation * (kernel_w - 1) - 1) / stride + 1;
  }
};

// One accumulator: output o of the window at (oy, ox), bias included.
constexpr std::int32_t conv2d_s8_sum(conv2d_s8_dims const& d, std::int8_t const* x, std::int8_t const* w,
                                     std::int32_t const* bias, index_t oy, index_t ox, index_t o) {
  index_t const run = d.c / d.groups, first = o / (d.o / d.groups) * run;
  std::int32_t sum = bias[o];
  for (index_t kh = 0; kh < d.kernel_h; ++kh)
    for (index_t kw = 0; kw < d.kernel_w; ++kw) {
      index_t const iy = oy * d.stride - d.top + kh * d.dilation, ix = ox * d.stride - d.pad + kw * d.dilation;
      if (iy < 0 || iy >= d.h || ix < 0 || ix >= d.w) continue;
      for (index_t i = 0; i < run; ++i)
        sum +=
            (x[(iy * d.w + ix) * d.c + first + i] - d.in_zero) * w[((o * d.kernel_h + kh) * d.kernel_w + kw) * run + i];
    }
  return sum;
}

template <class Rounding = round_once>
constexpr void conv2d_s8(scalar_tag, conv2d_s8_dims const& d, std::int8_t const* x, std::int8_t const* w,
                         std::int32_t const* bias, std::int32_t const* multiplier, std::int8_t const* shift,
                         std::int8_t* y) {
  expects(d.c % d.groups == 0 && d.o % d.groups == 0, "conv2d_s8: channels must be multiples of groups");
  for (index_t oy = 0; oy < d.out_h(); ++oy)
    for (index_t ox = 0; ox < d.out_w(); ++ox)
      for (index_t o = 0; o < d.o; ++o)
        *y++ = onto_grid(Rounding::apply(conv2d_s8_sum(d, x, w, bias, oy, ox, o), multiplier[o], shift[o]), d.out_zero,
                         d.out_min, d.out_max);
}

}  // namespace petra::kernel
