// Dense layer with int4 weights in groups, the specification: plain weights, one per byte, and the zero point written
// out.
//
// dense_s4_s8       y (M,O) = clamp(out_zero + requantize(sum_s4))    x (M,C), w (O,C) in [-8, 7]
// dense_s4_s8_f32   y (M,O) = float(sum_s4) * out_scale
//   sum_s4 = bias + sum_g scale (O,G) * sum_{i in g} (x_i - in_zero) * w_i,   G = ceil(C / group)
//
// Source: Dai et al., "VS-Quant", MLSys 2021; TensorFlow Lite int8 specification, FULLY_CONNECTED. Assigns y.
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct dense_s4_dims {
  index_t m = 1, c = 1, o = 1, group = 32;
  std::int32_t in_zero = 0, out_zero = 0, out_min = -128, out_max = 127;

  [[nodiscard]] constexpr index_t groups() const { return (c + group - 1) / group; }
};

// One accumulator: output o of the row at x.
constexpr std::int32_t dense_s4_sum(dense_s4_dims const& d, std::int8_t const* x, std::int8_t const* w,
                                    std::int8_t const* scale, std::int32_t const* bias, index_t o) {
  std::int32_t sum = bias[o];
  for (index_t i = 0; i < d.c; ++i) {
    expects(w[o * d.c + i] >= -8 && w[o * d.c + i] <= 7, "dense_s4: weights lie in [-8, 7]");
    sum += scale[o * d.groups() + i / d.group] * ((x[i] - d.in_zero) * w[o * d.c + i]);
  }
  return sum;
}

template <class Rounding = round_once>
constexpr void dense_s4_s8(scalar_tag, dense_s4_dims const& d, std::int8_t const* x, std::int8_t const* w,
                           std::int8_t const* scale, std::int32_t const* bias, std::int32_t const* multiplier,
                           std::int8_t const* shift, std::int8_t* y) {
  for (index_t r = 0; r < d.m; ++r)
    for (index_t o = 0; o < d.o; ++o)
      *y++ = onto_grid(Rounding::apply(dense_s4_sum(d, x + r * d.c, w, scale, bias, o), multiplier[o], shift[o]),
                       d.out_zero, d.out_min, d.out_max);
}

constexpr void dense_s4_s8_f32(scalar_tag, dense_s4_dims const& d, std::int8_t const* x, std::int8_t const* w,
                               std::int8_t const* scale, std::int32_t const* bias, float const* out_scale, float* y) {
  for (index_t r = 0; r < d.m; ++r)
    for (index_t o = 0; o < d.o; ++o)
      *y++ = static_cast<float>(dense_s4_sum(d, x + r * d.c, w, scale, bias, o)) * out_scale[o];
}

}  // namespace petra::kernel
