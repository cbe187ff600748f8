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
    auto const held = [&](f32v v) __attribute__((always_inline)) { return s.relu ? max(v, f32v{}) : v; };
    index_t i = 0;
    for (; n - i >= f32_lanes; i += f32_lanes) store(py + i, held(load(pa + i) + load(pb + i)));
    if (i < n) store(py + i, held(load(pa + i, n - i) + load(pb + i, n - i)), n - i);
  }
  fill_halo(s.out, y);
}

}  // namespace petra::rt
