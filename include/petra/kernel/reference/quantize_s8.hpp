// Between float and int8 grids, the specification: real = scale * (q - zero).
//
// quantize_s8     y = clamp(nearest(x / scale) + zero), ties to even; NaN -> zero    x, y (N)
// dequantize_s8   y = scale * (x - zero)
// requantize_s8   y = clamp(out_zero + requantize(x - in_zero)), one int8 grid to another
//
// Source: TensorFlow Lite int8 specification, QUANTIZE and DEQUANTIZE. Differs: ties to even, not away from zero,
// because that is the rounding every float unit has. Assigns y.
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

constexpr void quantize_s8(scalar_tag, index_t n, float const* x, float scale, std::int32_t zero, std::int8_t* y) {
  for (index_t i = 0; i < n; ++i) {
    double const v = x[i] / scale;  // the float quotient; in double everything below is exact
    if (v != v) {
      y[i] = static_cast<std::int8_t>(zero);
    } else if (v <= -1024 || v >= 1024) {
      y[i] = static_cast<std::int8_t>(v < 0 ? -128 : 127);
    } else {
      auto const whole = static_cast<std::int32_t>(v);
      std::int32_t const floor = whole > v ? whole - 1 : whole;
      bool const up = v - floor > 0.5 || (v - floor == 0.5 && floor % 2 != 0);
      y[i] = onto_grid(floor + (up ? 1 : 0), zero, -128, 127);
    }
  }
}

constexpr void dequantize_s8(scalar_tag, index_t n, std::int8_t const* x, float scale, std::int32_t zero, float* y) {
  for (index_t i = 0; i < n; ++i) y[i] = scale * static_cast<float>(x[i] - zero);
}

struct requantize_s8_grids {
  std::int32_t in_zero = 0, multiplier = 1 << 30, shift = 1, out_zero = 0, out_min = -128, out_max = 127;
};

template <class Rounding = round_once>
constexpr void requantize_s8(scalar_tag, index_t n, requantize_s8_grids const& g, std::int8_t const* x,
                             std::int8_t* y) {
  for (index_t i = 0; i < n; ++i)
    y[i] = onto_grid(Rounding::apply(x[i] - g.in_zero, g.multiplier, g.shift), g.out_zero, g.out_min, g.out_max);
}

}  // namespace petra::kernel
