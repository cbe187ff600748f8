// float sum of two maps with ReLU; fills the frame of its output with zeros. y = relu(a + b)    a, b, y (H,W,C)
//
// Deterministic. Pre: a, b and out have the same h, w, c (their halos may differ); y overlaps neither a nor b.
#pragma once
#include "petra/runtime/halo.hpp"
#include "petra/runtime/vector.hpp"

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
    for (index_t i = 0; i < n; i += f32_lanes) {
      f32v const v = load(pa + i) + load(pb + i), u = s.relu ? max(v, f32v{}) : v;
      if (n - i >= f32_lanes)
        store(py + i, u);
      else
        store(py + i, u, n - i);
    }
  }
  fill_halo(s.out, y);
}

}  // namespace petra::rt
