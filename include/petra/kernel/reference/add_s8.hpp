// int8 sum of two tensors on different grids, the specification.
//
// y = clamp(out_zero + rq(rq((a - a_zero) << left_shift) + rq((b - b_zero) << left_shift)))    a, b, y (N)
//
// Source: TensorFlow Lite int8 specification, ADD. Assigns y.
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct add_s8_grids {
  std::int32_t a_zero = 0, b_zero = 0, left_shift = 20;
  std::int32_t a_multiplier = 0, a_shift = 0, b_multiplier = 0, b_shift = 0, out_multiplier = 0, out_shift = 0;
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
};

template <class Rounding = round_once>
constexpr void add_s8(scalar_tag, index_t n, add_s8_grids const& g, std::int8_t const* a, std::int8_t const* b,
                      std::int8_t* y) {
  std::int32_t const unit = std::int32_t{1} << g.left_shift;
  for (index_t i = 0; i < n; ++i) {
    std::int32_t const scaled_a = Rounding::apply((a[i] - g.a_zero) * unit, g.a_multiplier, g.a_shift);
    std::int32_t const scaled_b = Rounding::apply((b[i] - g.b_zero) * unit, g.b_multiplier, g.b_shift);
    y[i] = onto_grid(Rounding::apply(scaled_a + scaled_b, g.out_multiplier, g.out_shift), g.out_zero, g.out_min,
                     g.out_max);
  }
}

}  // namespace petra::kernel
