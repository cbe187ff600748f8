// float maximum and mean over windows, with ReLU; taps outside the picture do not count. Both fill the frame with zeros.
//
// y (OH,OW,C) = relu(max x) or relu(sum x * (1 / taps))    x (H,W,C); global pooling is a kernel of the whole map
//
// Deterministic. Pre: pad < kernel; every window holds at least one tap; no input is NaN (maximum).
#pragma once
#include "petra/runtime/halo.hpp"
#include "petra/runtime/tap_window.hpp"

namespace petra::inline PETRA_ABI::rt {

struct pool_f32_shape {
  feature_map in{}, out{};
  index_t kernel_h = 1, kernel_w = 1, stride = 1, pad = 0;
  bool relu = false;
};

template <class Shape>
inline void max_pool_f32(Shape shape, float const* x, float* y) noexcept {
  pool_f32_shape const s = shape;
  for (index_t oy = 0; oy < s.out.h; ++oy)
    for (index_t ox = 0; ox < s.out.w; ++ox) {
      tap_window const t = taps_inside(s, oy, ox);
      for (index_t c = 0; c < s.out.c; ++c) {
        float best = x[s.in.origin() + t.top * s.in.row() + t.left * s.in.c + c];
        for (index_t i = t.top; i < t.bottom; ++i)
          for (index_t j = t.left; j < t.right; ++j) {
            float const v = x[s.in.origin() + i * s.in.row() + j * s.in.c + c];
            best = v > best ? v : best;
          }
        y[s.out.origin() + oy * s.out.row() + ox * s.out.c + c] = s.relu && !(best > 0) ? 0.f : best;
      }
    }
  fill_halo(s.out, y);
}

template <class Shape>
inline void avg_pool_f32(Shape shape, float const* x, float* y) noexcept {
  pool_f32_shape const s = shape;
  for (index_t oy = 0; oy < s.out.h; ++oy)
    for (index_t ox = 0; ox < s.out.w; ++ox) {
      tap_window const t = taps_inside(s, oy, ox);
      float const inverse = 1.f / static_cast<float>(t.count());
      for (index_t c = 0; c < s.out.c; ++c) {
        float sum = 0;
        for (index_t i = t.top; i < t.bottom; ++i)
          for (index_t j = t.left; j < t.right; ++j) sum += x[s.in.origin() + i * s.in.row() + j * s.in.c + c];
        float const m = sum * inverse;
        y[s.out.origin() + oy * s.out.row() + ox * s.out.c + c] = s.relu && !(m > 0) ? 0.f : m;
      }
    }
  fill_halo(s.out, y);
}

}  // namespace petra::rt
