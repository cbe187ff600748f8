// int8 convolution along one axis, any number of taps, stride and dilation, with bias, requantization and clamp; fills
// the frame of its output with its zero point.
//
// y (OW,O) = clamp(out_zero + requantize(bias + sum_t (x (W,C)[i stride + t dilation - pad] + 128) * w_t))
//
// Register tiles, arithmetic and packed weights are those of conv2d_s8 (runtime/conv1d_shape.hpp). Bit-exact
// everywhere. Deterministic. Pre: those of conv1d_shape; bias folded for the input's zero point (fold_bias).
#pragma once
#include "petra/runtime/conv1d_shape.hpp"
#include "petra/runtime/conv2d_s8.hpp"

namespace petra::inline PETRA_ABI::rt {

inline void fill_frame(series_map const& m, std::int8_t* y, std::int8_t value) noexcept {
  for (index_t i = 0; i < m.left + m.right; ++i) fill(y + (i < m.left ? i : m.w + i) * m.step(), m.c, value);
}

// Outputs [first, first + 16 (Blocks - 1) + last) of the whole series.
template <int Blocks, class Rounding, class Shape>
inline void conv1d_blocks(Shape shape, index_t first, index_t last, std::int8_t const* x, std::int8_t const* w,
                          std::int32_t const* bias, std::int32_t const* multiplier, std::int8_t const* shift,
                          std::int8_t* y) noexcept {
  conv1d_shape const s = shape;
  conv_shape const like = weights_of(s);
  index_t const row_bytes = 4 * quads(like);
  conv_plan_s8 plan{.step = s.stride * s.in.c,
                    .row = s.dilation * s.in.c,
                    .kernel_h = like.kernel_h,
                    .run = quads(like),
                    .block = like.kernel_h * row_bytes * 16,
                    .column = 0,
                    .last = last,
                    .out_step = s.out.step(),
                    .grid = {s.out_zero, s.out_min, s.out_max}};
  conv_factors_s8<Rounding> factors[Blocks];
  plan.high = load_factors(first, last, bias, multiplier, shift, s.out_zero, factors);
  w += first * like.kernel_h * row_bytes;
  conv_plan_s8 const& known = opaque(plan);
  using family = conv_tiles_s8<Blocks, 1, Rounding>;
  conv_edge_s8 const edge = conv_edge_s8::of(plan, x + s.in.elements(), like.kernel_w * s.in.c, family::max_pixels);
  row_tiles<family>::of(shape, s.out.w)(
      x + window(s, 0), plan.step, y + s.out.origin() + first,
      plan.out_step, [&](auto tile, std::int8_t const* p, std::int8_t* q) __attribute__((always_inline)) {
        if (edge.crossed(p)) return run_on_copy(tile, known, edge, p, w, factors, q);
        tile(p, w, known, factors, q);
      });
}

template <class Rounding = rounding::single, class Shape>
inline void conv1d_s8(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* bias,
                      std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* y) noexcept {
  conv1d_shape const s = shape;
  for_output_blocks<max_blocks_s8>(shape, s.out.c, [&](auto blocks, index_t first, index_t last) {
    conv1d_blocks<decltype(blocks)::value, Rounding>(shape, first, last, x, w, bias, multiplier, shift, y);
  });
  fill_frame(s.out, y, static_cast<std::int8_t>(s.out_zero));
}

}  // namespace petra::rt
