// Each channel of a float map by a number of its own; fills the frame with zeros.
//
// y (H,W,C) = x (H,W,C) * factor (C)
//
// Deterministic. Pre: both maps have the same h, w, c (their frames may differ); y is x where the frames are equal, or does not
// overlap it.
#pragma once
#include "petra/runtime/quantize.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

template <class Shape>
inline void scale_channels_f32(Shape shape, float const* x, float const* factor, float* y) noexcept {
  map_pair const s = shape;
  index_t const c = s.out.c;
  for (index_t i = 0; i < s.out.h; ++i)
    for (index_t j = 0; j < s.out.w; ++j) {
      float const* const p = x + s.in.origin() + i * s.in.row() + j * c;
      float* const q = y + s.out.origin() + i * s.out.row() + j * c;
      index_t k = 0;
      for (; c - k >= f32_lanes; k += f32_lanes) store(q + k, load(p + k) * load(factor + k));
      if (k < c) store(q + k, load(p + k, c - k) * load(factor + k, c - k), c - k);
    }
  fill_halo(s.out, y);
}

}  // namespace petra::rt
