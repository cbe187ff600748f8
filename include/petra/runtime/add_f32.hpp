// float sum of two maps with ReLU; fills the frame of its output with zeros. y = relu(a + b)    a, b, y (H,W,C)
//
// Deterministic. Pre: a, b and out have the same h, w, c (their halos may differ).
#pragma once
#include "petra/runtime/feature_map.hpp"
#include "petra/runtime/halo.hpp"

namespace petra::inline PETRA_ABI::rt {

struct add_f32_shape {
  feature_map a{}, b{}, out{};
  bool relu = false;
};

template <class Shape>
inline void add_f32(Shape shape, float const* a, float const* b, float* y) noexcept {
  add_f32_shape const s = shape;
  index_t const n = s.out.w * s.out.c;
  for (index_t r = 0; r < s.out.h; ++r) {
    float const* pa = a + s.a.origin() + r * s.a.row();
    float const* pb = b + s.b.origin() + r * s.b.row();
    float* py = y + s.out.origin() + r * s.out.row();
    for (index_t i = 0; i < n; ++i) {
      float const v = pa[i] + pb[i];
      py[i] = s.relu && !(v > 0) ? 0.f : v;
    }
  }
  fill_halo(s.out, y);
}

}  // namespace petra::rt
