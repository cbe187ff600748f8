// Dense layer with int4 weights in groups of inputs and int8 activations: int8 on the output's grid, or float.
//
// dense_s4_s8       y (M,O) = clamp(out_zero + requantize(bias + sum_g scale_g * sum_{i in g} x_i w_i))
// dense_s4_s8_f32   y (M,O) = float(bias + sum_g scale_g * sum_{i in g} x_i w_i) * out_scale    x (M,C), w (O,C) int4
//
// A group's scale is an integer in [1, 127] per output, what remains is the output's requantization: all sums are exact
// integers, so the bits are those of kernel/reference/dense_s4_s8.hpp on every instruction set.
// Source: Dai et al., "VS-Quant: Per-vector Scaled Quantization for Accurate Low-Precision Neural Network Inference",
// MLSys 2021 (two-level integer scales); TensorFlow Lite int8 specification, FULLY_CONNECTED, for the rest.
// Cost: 512 x 512 against the int8 product on the same core, AVX-512 VNNI: 1.0 us instead of 1.75 for one row (1.25 in
// groups of 32), 5.2 instead of 5.1 for 8, 42 instead of 39 for 64: half the bytes, a little more to do.
// Pre: those of dense_s4_shape; weights, scales and bias packed by runtime/pack_s4.hpp. y overlaps nothing.
#pragma once
#include "petra/runtime/dense_output.hpp"
#include "petra/runtime/dense_tile_s4.hpp"
#include "petra/runtime/row_tiles.hpp"

namespace petra::inline PETRA_ABI::rt {

// Rows [first, first + Rows).
template <int Rows, class Shape, class Output>
PETRA_INLINE void dense_rows_s4(Shape shape, index_t first, std::int8_t const* x, std::uint8_t const* w,
                                std::int8_t const* scale, std::int32_t const* bias, Output const& output) noexcept {
  constexpr int most = max_blocks_s4(Rows);
  dense_s4_shape const s = shape;
  x += first * s.c;
  dense_inputs_s4<Rows> in;
  index_t const rest = s.c % 8, count = groups(s);
  for (int r = 0; r < Rows; ++r) {
    for (index_t i = 0; i < 8; ++i) in.tail[r][i] = i < rest ? x[r * s.c + s.c - rest + i] : std::int8_t{0};
    sum_groups_s4(x + r * s.c, s, in.sums[r]);
  }
  dense_plan_s4 plan{.c = s.c,
                     .groups = count,
                     .group = s.group / 8,
                     .whole = (s.c - (count - 1) * s.group) / 8,
                     .tail = rest != 0,
                     .panel = 0,
                     .last = 0};
  for (index_t panel = 0; panel < s.o; panel += panel_outputs) {
    plan.panel = s.o - panel < panel_outputs ? s.o - panel : panel_outputs;
    for_blocks<most>(
        shape, panel, plan.panel, [&](auto blocks, index_t o, index_t last) __attribute__((always_inline)) {
          constexpr int Blocks = decltype(blocks)::value;
          plan.last = last;
          i32x16 sum[Rows * Blocks];
          dense_tile_s4<Rows, Blocks>(x, in, w + 4 * (o - panel), scale + (o - panel), opaque(plan), sum);
          if constexpr (is_fixed<Shape>)
            put_tile(sum, Rows, Blocks, o, last, bias, first, s.o, output);
          else
            put_any_tile(sum, Rows, Blocks, o, last, bias, first, s.o, output);
        });
    w += 4 * plan.panel * octets(s);
    scale += plan.panel * count;
  }
}

template <class Shape, class Output>
PETRA_INLINE void dense_s4_into(Shape shape, std::int8_t const* x, std::uint8_t const* w, std::int8_t const* scale,
                                std::int32_t const* bias, Output const& output) noexcept {
  for_rows<max_rows_s4>(
      shape, dense_s4_shape(shape).m, [&](auto rows, index_t first) __attribute__((always_inline)) {
        dense_rows_s4<decltype(rows)::value>(shape, first, x, w, scale, bias, output);
      });
}

template <class Rounding = rounding::single, class Shape>
inline void dense_s4_s8(Shape shape, std::int8_t const* x, std::uint8_t const* w, std::int8_t const* scale,
                        std::int32_t const* bias, std::int32_t const* multiplier, std::int8_t const* shift,
                        std::int8_t* y) noexcept {
  dense_s4_shape const s = shape;
  dense_s4_into(shape, x, w, scale, bias, to_s8<Rounding>{multiplier, shift, {s.out_zero, s.out_min, s.out_max}, y});
}

template <class Shape>
inline void dense_s4_s8_f32(Shape shape, std::int8_t const* x, std::uint8_t const* w, std::int8_t const* scale,
                            std::int32_t const* bias, float const* out_scale, float* y) noexcept {
  dense_s4_into(shape, x, w, scale, bias, to_f32{out_scale, y});
}

}  // namespace petra::rt
