// float convolution with bias and ReLU; fills the frame of its output with zeros.
//
// y (OH,OW,O) = relu(bias + sum x * w)    x (H,W,C), w packed (runtime/pack.hpp)
//
// Deterministic; the order of summation depends on the instruction set and the shape only.
// Pre: those of conv_f32_shape.
// Cost: one core, AVX-512, 3 x 3: 215 to 235 GFLOP/s of 269 possible; groups run plain loops.
#pragma once
#include "petra/runtime/conv_tile_f32.hpp"
#include "petra/runtime/depthwise_f32.hpp"
#include "petra/runtime/grouped_f32.hpp"
#include "petra/runtime/halo.hpp"
#include "petra/runtime/output_blocks.hpp"
#include "petra/runtime/row_tiles.hpp"

namespace petra::inline PETRA_ABI::rt {

template <int Blocks>
struct conv_tiles_f32 {
  using function = conv_tile_f32;
  static constexpr int max_pixels = max_pixels_f32(Blocks);
  template <int Pixels>
  static constexpr function at() noexcept {
    return &conv_tile<Pixels, Blocks>;
  }
};

// Outputs [first, first + 16 (Blocks - 1) + last) of every pixel.
template <int Blocks, class Shape>
inline void conv_blocks(Shape shape, index_t first, index_t last, float const* x, float const* w, float const* bias,
                        float* y) noexcept {
  conv_f32_shape const s = shape;
  index_t const run = s.kernel_w * s.in.c;
  conv_plan_f32 const plan{.step = s.stride * s.in.c,
                           .row = s.in.row(),
                           .kernel_h = s.kernel_h,
                           .run = run,
                           .block = s.kernel_h * run * 16,
                           .last = last,
                           .out_step = s.out.c,
                           .relu = s.relu};
  alignas(64) float start[16 * Blocks] = {};
  for (index_t o = 0; o < 16 * (Blocks - 1) + last; ++o) start[o] = bias[first + o];
  w += first * s.kernel_h * run;
  float* const origin = y + s.out.origin() + first;
  conv_plan_f32 const& known = opaque(plan);
  if (s.out.h == 1 && s.out.w == 1) return conv_pixel<Blocks>(x + window(s, 0, 0), w, known, start, origin);
  auto const tiles = row_tiles<conv_tiles_f32<Blocks>>::of(shape, s.out.w);
  for (index_t oy = 0; oy < s.out.h; ++oy)
    tiles(x + window(s, oy, 0), plan.step, origin + oy * s.out.row(), plan.out_step,
          [&](auto tile, float const* p, float* q) { tile(p, w, known, start, q); });
}

template <conv_kind Kind, class Shape>
inline void conv2d_of_kind(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  if constexpr (Kind == conv_kind::depthwise) {
    depthwise_f32(shape, x, w, bias, y);
  } else if constexpr (Kind == conv_kind::grouped) {
    grouped_f32(shape, x, w, bias, y);
  } else {
    conv_f32_shape const s = shape;
    for_output_blocks<max_blocks_f32>(shape, s.out.c, [&](auto blocks, index_t first, index_t last) {
      conv_blocks<decltype(blocks)::value>(shape, first, last, x, w, bias, y);
    });
    fill_halo(s.out, y);
  }
}

template <class Shape>
inline void conv2d_f32(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  using enum conv_kind;
  if constexpr (is_fixed<Shape>)
    conv2d_of_kind<kind_of(Shape::value)>(shape, x, w, bias, y);
  else if (kind_of(shape) == plain)
    conv2d_of_kind<plain>(shape, x, w, bias, y);
  else if (kind_of(shape) == depthwise)
    conv2d_of_kind<depthwise>(shape, x, w, bias, y);
  else
    conv2d_of_kind<grouped>(shape, x, w, bias, y);
}

}  // namespace petra::rt
