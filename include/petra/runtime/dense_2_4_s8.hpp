// Dense layer with int8 weights of which at most two of every four inputs are not zero: int8 on the output's grid, or
// float.
//
// dense_2_4_s8       y (M,O) = clamp(out_zero + requantize(bias + sum (x + 128) * w))    x (M,C), w (O,C)
// dense_2_4_s8_f32   y (M,O) = float(bias + sum (x + 128) * w) * scale
//
// Source: TensorFlow Lite int8 specification, FULLY_CONNECTED (per-channel); the same bits as the dense layer with the
// zeros written out, on every instruction set. Reads nothing behind x. Deterministic.
// Cost: 512 x 512 against the dense product on the same core, AVX-512 VNNI: 1.15 us instead of 1.75 for one row (five
// eighths of the bytes), 4.1 instead of 5.2 for 8, 33 instead of 39 for 64 (half the dots, but a permutation for each).
// Pre: those of dense_2_4_shape; weights and bias packed by runtime/pack_2_4.hpp. y overlaps nothing.
#pragma once
#include "petra/runtime/dense_output.hpp"
#include "petra/runtime/dense_tile_2_4.hpp"
#include "petra/runtime/row_tiles.hpp"

namespace petra::inline PETRA_ABI::rt {

// Rows [first, first + Rows).
template <int Rows, class Shape, class Output>
PETRA_INLINE void dense_rows_2_4(Shape shape, index_t first, std::int8_t const* x, std::int8_t const* w,
                                 std::int32_t const* bias, Output const& output) noexcept {
  dense_2_4_shape const s = shape;
  x += first * s.c;
  // The last inputs of a row whose length is no multiple of 8: a copy, zeros behind it, so that no read passes the end.
  index_t const rest = s.c % 8, whole = s.c / 8;
  std::int8_t tail[Rows][8];
  for (int r = 0; r < Rows; ++r)
    for (index_t i = 0; i < 8; ++i) tail[r][i] = i < rest ? x[r * s.c + s.c - rest + i] : std::int8_t{0};
  for (index_t panel = 0; panel < s.o; panel += panel_outputs) {
    index_t const outputs = s.o - panel < panel_outputs ? s.o - panel : panel_outputs;
    for_blocks<max_blocks_2_4(Rows)>(
        shape, panel, outputs, [&](auto blocks, index_t o, index_t last) __attribute__((always_inline)) {
          constexpr int Blocks = decltype(blocks)::value;
          i32x16 sum[Rows * Blocks];
          for (i32x16& v : sum) v = i32x16::broadcast(0);
          std::int8_t const* const at = w + 4 * (o - panel);
          dense_plan_2_4 const plan{.c = s.c, .steps = whole, .skip = 0, .panel = outputs, .last = last};
          dense_tile_2_4<Rows, Blocks>(x, at, opaque(plan), sum);
          if (rest != 0) {
            dense_plan_2_4 const end{.c = 8, .steps = 1, .skip = whole % 4, .panel = outputs, .last = last};
            dense_tile_2_4<Rows, Blocks>(tail[0], at + whole / 4 * 20 * outputs, opaque(end), sum);
          }
          if constexpr (is_fixed<Shape>)
            put_tile(sum, Rows, Blocks, o, last, bias, first, s.o, output);
          else
            put_any_tile(sum, Rows, Blocks, o, last, bias, first, s.o, output);
        });
    w += outputs * packed_size(dense_2_4_shape{.c = s.c});
  }
}

template <class Shape, class Output>
PETRA_INLINE void dense_2_4_into(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* bias,
                                 Output const& output) noexcept {
  for_rows<max_rows_2_4>(
      shape, dense_2_4_shape(shape).m, [&](auto rows, index_t first) __attribute__((always_inline)) {
        dense_rows_2_4<decltype(rows)::value>(shape, first, x, w, bias, output);
      });
}

template <class Rounding = rounding::single, class Shape>
inline void dense_2_4_s8(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* bias,
                         std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* y) noexcept {
  dense_2_4_shape const s = shape;
  dense_2_4_into(shape, x, w, bias, to_s8<Rounding>{multiplier, shift, {s.out_zero, s.out_min, s.out_max}, y});
}

template <class Shape>
inline void dense_2_4_s8_f32(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* bias,
                             float const* scale, float* y) noexcept {
  dense_2_4_into(shape, x, w, bias, to_f32{scale, y});
}

}  // namespace petra::rt
