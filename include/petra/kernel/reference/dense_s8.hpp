// int8 dense layer, the specification.
//
// dense_s8       y (O) = clamp(out_zero + requantize(bias + sum (x - in_zero) * w))    x (C), w (O,C)
// dense_s8_f32   y (O) = float(bias + sum (x - in_zero) * w) * scale: the logits, one float product each
//
// Source: TensorFlow Lite int8 specification, FULLY_CONNECTED (per-channel). Assigns y.
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct dense_s8_dims {
  index_t c = 1, o = 1;
  std::int32_t in_zero = 0, out_zero = 0, out_min = -128, out_max = 127;
};

constexpr std::int32_t dense_s8_sum(dense_s8_dims const& d, std::int8_t const* x, std::int8_t const* w,
                                    std::int32_t const* bias, index_t o) {
  std::int32_t sum = bias[o];
  for (index_t i = 0; i < d.c; ++i) sum += (x[i] - d.in_zero) * w[o * d.c + i];
  return sum;
}

template <class Rounding = round_once>
constexpr void dense_s8(scalar_tag, dense_s8_dims const& d, std::int8_t const* x, std::int8_t const* w,
                        std::int32_t const* bias, std::int32_t const* multiplier, std::int8_t const* shift,
                        std::int8_t* y) {
  for (index_t o = 0; o < d.o; ++o)
    y[o] = onto_grid(Rounding::apply(dense_s8_sum(d, x, w, bias, o), multiplier[o], shift[o]), d.out_zero, d.out_min,
                     d.out_max);
}

constexpr void dense_s8_f32(scalar_tag, dense_s8_dims const& d, std::int8_t const* x, std::int8_t const* w,
                            std::int32_t const* bias, float const* scale, float* y) {
  for (index_t o = 0; o < d.o; ++o) y[o] = static_cast<float>(dense_s8_sum(d, x, w, bias, o)) * scale[o];
}

}  // namespace petra::kernel
