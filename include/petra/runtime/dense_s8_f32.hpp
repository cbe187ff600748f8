// The last int8 layer: integers to the logits, then exactly one float multiplication each.
//
// y (O) = float(bias + sum (x + 128) * w) * scale    x (H,W,C): the whole map, w packed as for conv2d_s8, scale (O)
//
// Bit-exact on every instruction set: the conversion and the product round once each. Deterministic.
// Pre: those of conv_shape; kernel_h = in.h, kernel_w = in.w, pad = 0, groups = 1, out = {1, 1, O}; bias folded.
#pragma once
#include "petra/runtime/conv_tile_s8.hpp"
#include "petra/runtime/output_blocks.hpp"

namespace petra::inline PETRA_ABI::rt {

// Outputs [first, first + 16 (Blocks - 1) + last).
template <int Blocks>
inline void dense_blocks(conv_shape const& s, index_t first, index_t last, std::int8_t const* x, std::int8_t const* w,
                         std::int32_t const* bias, float const* scale, float* y) noexcept {
  index_t const row_bytes = 4 * quads(s);
  conv_plan_s8 const plan{.step = 0,
                          .row = s.in.row(),
                          .kernel_h = s.kernel_h,
                          .run = quads(s),
                          .block = s.kernel_h * row_bytes * 16,
                          .column = 0,
                          .last = last,
                          .out_step = 0,
                          .grid = {}};
  i32x16 sum[Blocks];
  for (int b = 0; b < Blocks; ++b) sum[b] = i32x16::load(bias + first + 16 * b, b + 1 < Blocks ? 16 : last);
  accumulate_pixel(x + window(s, 0, 0), w + first * s.kernel_h * row_bytes, plan, sum);
  for (int b = 0; b < Blocks; ++b)
    store_scaled(y + first + 16 * b, sum[b], scale + first + 16 * b, b + 1 < Blocks ? 16 : last);
}

template <class Shape>
inline void dense_s8_f32(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* bias,
                         float const* scale, float* y) noexcept {
  conv_shape const s = shape;
  for_output_blocks<max_blocks_s8>(shape, s.out.c, [&](auto blocks, index_t first, index_t last) {
    dense_blocks<decltype(blocks)::value>(s, first, last, x, w, bias, scale, y);
  });
}

}  // namespace petra::rt
