// float convolution with bias and ReLU; fills the frame of its output with zeros.
//
// y (OH,OW,O) = relu(bias + sum x * w)    x (H,W,C), w packed (runtime/pack.hpp)
//
// Deterministic; the order of summation depends on the instruction set only.
// Pre: those of conv_f32_shape.
#pragma once
#include "petra/runtime/depthwise_f32.hpp"
#include "petra/runtime/halo.hpp"
#include "petra/runtime/pack.hpp"

namespace petra::inline PETRA_ABI::rt {

template <class Shape>
inline void conv2d_f32(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  conv_f32_shape const s = shape;
  if (is_depthwise(s)) return depthwise_f32(shape, x, w, bias, y);
  if (s.groups == 1) {
    index_t const run = s.kernel_w * s.in.c, taps = s.kernel_h * run;
    for (index_t first = 0; first < s.out.c; first += block_outputs) {
      index_t const n = s.out.c - first < block_outputs ? s.out.c - first : block_outputs;
      for (index_t oy = 0; oy < s.out.h; ++oy)
        for (index_t ox = 0; ox < s.out.w; ++ox) {
          float const* p = x + window(s, oy, ox);
          float const* q = w + first * taps;
          float acc[block_outputs];
          for (index_t o = 0; o < n; ++o) acc[o] = bias[first + o];
          for (index_t kh = 0; kh < s.kernel_h; ++kh)
            for (index_t k = 0; k < run; ++k, q += n)
              for (index_t o = 0; o < n; ++o) acc[o] += p[kh * s.in.row() + k] * q[o];
          for (index_t o = 0; o < n; ++o)
            y[s.out.origin() + oy * s.out.row() + ox * s.out.c + first + o] = s.relu && !(acc[o] > 0) ? 0.f : acc[o];
        }
    }
  } else {
    index_t const run = s.in.c / s.groups, outs = s.out.c / s.groups;
    for (index_t oy = 0; oy < s.out.h; ++oy)
      for (index_t ox = 0; ox < s.out.w; ++ox)
        for (index_t o = 0; o < s.out.c; ++o) {
          float const* p = x + window(s, oy, ox) + o / outs * run;
          float const* q = w + o * s.kernel_h * s.kernel_w * run;
          float acc = bias[o];
          for (index_t kh = 0; kh < s.kernel_h; ++kh)
            for (index_t kw = 0; kw < s.kernel_w; ++kw, q += run)
              for (index_t i = 0; i < run; ++i) acc += p[kh * s.in.row() + kw * s.in.c + i] * q[i];
          y[s.out.origin() + oy * s.out.row() + ox * s.out.c + o] = s.relu && !(acc > 0) ? 0.f : acc;
        }
  }
  fill_halo(s.out, y);
}

}  // namespace petra::rt
