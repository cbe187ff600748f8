// int8 convolution along one axis, the specification: plain weights and bias, zero points written out.
//
// y (OW,O)[i] = clamp(out_zero + requantize(bias + sum_t (x (W,C)[i stride + t dilation - left] - in_zero) * w_t))
//
// Source: TensorFlow Lite int8 specification, CONV_2D with a height of 1. Rounding: round_once or round_twice.
// Pre: sums fit in 32 bits. Assigns y.
#pragma once
#include "petra/kernel/reference/conv1d.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct s8_grid {
  std::int32_t in_zero = 0, out_zero = 0, out_min = -128, out_max = 127;
};

template <class Rounding = round_once>
constexpr void conv1d_s8(scalar_tag, conv1d_dims const& d, s8_grid const& g, std::int8_t const* x, std::int8_t const* w,
                         std::int32_t const* bias, std::int32_t const* multiplier, std::int8_t const* shift,
                         std::int8_t* y) {
  for (index_t i = 0; i < d.out_w(); ++i)
    for (index_t o = 0; o < d.o; ++o) {
      std::int32_t sum = bias[o];
      each_tap(d, i, o, [&](index_t in, index_t tap) {
        for (index_t c = 0; c < d.c; ++c) sum += (x[in + c] - g.in_zero) * w[tap + c];
      });
      *y++ = onto_grid(Rounding::apply(sum, multiplier[o], shift[o]), g.out_zero, g.out_min, g.out_max);
    }
}

}  // namespace petra::kernel
