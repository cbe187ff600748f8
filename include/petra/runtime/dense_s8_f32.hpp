// The last int8 layer: integers to the logits, then exactly one float multiplication each.
//
// y (O) = float(bias + sum (x + 128) * w) * scale    x (H,W,C): the whole map, w packed as for conv2d_s8, scale (O)
//
// A map without a frame is one row of a matrix product (runtime/matmul_s8.hpp); of others each kernel row is.
// Bit-exact on every instruction set: the conversion and the product round once each. Deterministic.
// Pre: those of conv_shape; kernel_h = in.h, kernel_w = in.w, pad = 0, groups = 1, out = {1, 1, O}; bias folded.
#pragma once
#include "petra/runtime/conv_tile_s8.hpp"
#include "petra/runtime/matmul_s8.hpp"

namespace petra::inline PETRA_ABI::rt {

// y (16 (Blocks - 1) + last) = float(sum) * scale
template <int Blocks>
PETRA_INLINE void scale_sums(std::int32_t const* sum, float const* scale, index_t last, float* y) noexcept {
  for (int b = 0; b < Blocks; ++b) {
    index_t const n = b + 1 < Blocks ? 16 : last;
    store_scaled(y + 16 * b, i32x16::load(sum + 16 * b, n), scale + 16 * b, n);
  }
}

// Outputs [first, first + 16 (Blocks - 1) + last).
template <int Blocks>
inline void dense_blocks(conv_shape const& s, index_t first, index_t last, std::int8_t const* x, std::int8_t const* w,
                         std::int32_t const* bias, float const* scale, float* y) noexcept {
  index_t const row_bytes = 4 * quads(s);
  conv_plan_s8 plan{};
  plan.row = s.in.row();
  plan.kernel_h = s.kernel_h;
  plan.run = quads(s);
  plan.block = s.kernel_h * row_bytes * 16;
  plan.last = last;
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
  auto const one_row = [&](auto product) {
    matmul_products<true>(product, x + window(s, 0, 0), w, bias, [&](auto blocks, index_t first, index_t last) {
      return [=](index_t, index_t, auto tile) {
        alignas(64) std::int32_t sum[16 * blocks.value];
        tile(sum);
        scale_sums<blocks.value>(sum, scale + first, last, y + first);
      };
    });
  };
  auto const rows = [&] {
    for_output_blocks<max_blocks_s8>(shape, s.out.c, [&](auto blocks, index_t first, index_t last) {
      dense_blocks<blocks.value>(s, first, last, x, w, bias, scale, y);
    });
  };
  if constexpr (is_fixed<Shape>) {
    if constexpr (is_one_row(Shape::value))
      one_row(fixed<as_product(Shape::value)>{});
    else
      rows();
  } else {
    is_one_row(s) ? one_row(as_product(s)) : rows();
  }
}

}  // namespace petra::rt
