// float convolution along one axis, any number of taps, stride and dilation, with bias and ReLU; fills the frame of its
// output with zeros.
//
// y (OW,O) = relu(bias + sum_t x (W,C)[i stride + t dilation - pad] * w_t)    w packed (runtime/conv1d_shape.hpp)
//
// The register tiles are those of conv2d_f32: with dilation 1 a window is one run of taps * C inputs, so taps cost
// nothing; else a tap is what a kernel row is in two dimensions.
// Deterministic. Pre: those of conv1d_f32_shape.
// Cost: one core, AVX-512, 9 to 39 taps, 32 -> 32: 96 % of what registers alone reach.
#pragma once
#include "petra/runtime/conv1d_shape.hpp"
#include "petra/runtime/conv2d_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

inline void fill_frame(series_map const& m, float* y) noexcept {
  for (index_t i = 0; i < m.left + m.right; ++i)
    __builtin_memset(y + (i < m.left ? i : m.w + i) * m.step(), 0, static_cast<std::size_t>(m.c) * sizeof(float));
}

// Outputs [first, first + 16 (Blocks - 1) + last) of the whole series.
template <int Blocks, class Shape>
inline void conv1d_blocks(Shape shape, index_t first, index_t last, float const* x, float const* w, float const* bias,
                          float* y) noexcept {
  conv1d_f32_shape const s = shape;
  index_t const inputs = s.taps * s.in.c;
  bool const one = s.dilation == 1;
  conv_plan_f32 const plan{.step = s.stride * s.in.c,
                           .row = s.dilation * s.in.c,
                           .kernel_h = one ? 1 : s.taps,
                           .run = one ? inputs : s.in.c,
                           .block = inputs * 16,
                           .last = last,
                           .out_step = s.out.step(),
                           .relu = s.relu};
  alignas(64) float start[16 * Blocks] = {};
  for (index_t o = 0; o < 16 * (Blocks - 1) + last; ++o) start[o] = bias[first + o];
  w += first * inputs;
  y += s.out.origin() + first;
  conv_plan_f32 const& known = opaque(plan);
  if (s.out.w == 1) return conv_pixel<Blocks>(x + window(s, 0), w, known, start, y);
  row_tiles<conv_tiles_f32<Blocks>>::of(shape, s.out.w)(
      x + window(s, 0), plan.step, y, plan.out_step,
      [&](auto tile, float const* p, float* q) { tile(p, w, known, start, q); });
}

template <class Shape>
inline void conv1d_f32(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  conv1d_f32_shape const s = shape;
  for_output_blocks<max_blocks_f32>(shape, s.out.c, [&](auto blocks, index_t first, index_t last) {
    conv1d_blocks<decltype(blocks)::value>(shape, first, last, x, w, bias, y);
  });
  fill_frame(s.out, y);
}

}  // namespace petra::rt
