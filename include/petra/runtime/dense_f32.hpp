// float dense layer over a whole map: the last layer of a float program, or any other.
//
// y (O) = relu(bias + sum x * w)    x (H,W,C): the whole map, w packed as for conv2d_f32
//
// Deterministic. Pre: those of conv_f32_shape; kernel_h = in.h, kernel_w = in.w, pad = 0, groups = 1, out.h = out.w = 1.
#pragma once
#include "petra/runtime/halo.hpp"
#include "petra/runtime/pack.hpp"

namespace petra::inline PETRA_ABI::rt {

template <class Shape>
inline void dense_f32(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  conv_f32_shape const s = shape;
  float const* p = x + window(s, 0, 0);
  index_t const run = s.kernel_w * s.in.c;
  for (index_t first = 0; first < s.out.c; first += block_outputs) {
    index_t const n = s.out.c - first < block_outputs ? s.out.c - first : block_outputs;
    float acc[block_outputs];
    for (index_t o = 0; o < n; ++o) acc[o] = bias[first + o];
    for (index_t kh = 0; kh < s.kernel_h; ++kh)
      for (index_t k = 0; k < run; ++k, w += n)
        for (index_t o = 0; o < n; ++o) acc[o] += p[kh * s.in.row() + k] * w[o];
    for (index_t o = 0; o < n; ++o) y[s.out.origin() + first + o] = s.relu && !(acc[o] > 0) ? 0.f : acc[o];
  }
  fill_halo(s.out, y);
}

}  // namespace petra::rt
