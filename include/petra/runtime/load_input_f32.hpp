// The program's input into its frame: y (H,W,C) <- x (H,W,C) dense, frame <- 0. Shape is y's feature_map.
#pragma once
#include "petra/runtime/feature_map.hpp"
#include "petra/runtime/halo.hpp"

namespace petra::inline PETRA_ABI::rt {

template <class Shape>
inline void load_input_f32(Shape shape, float const* x, float* y) noexcept {
  feature_map const m = shape;
  index_t const n = m.w * m.c;
  for (index_t r = 0; r < m.h; ++r, x += n) {
    float* p = y + m.origin() + r * m.row();
    for (index_t i = 0; i < n; ++i) p[i] = x[i];
  }
  fill_halo(m, y);
}

}  // namespace petra::rt
