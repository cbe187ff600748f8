// A row of length one: y (N) = x / |x|, zeros where |x| < 1e-12.
//
// Deterministic. Pre: y is x or does not overlap it.
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

struct row_shape {
  index_t count = 1;
};

template <class Shape>
inline void unit_length_f32(Shape shape, float const* x, float* y) noexcept {
  row_shape const s = shape;
  float sum = 0;
  for (index_t i = 0; i < s.count; ++i) sum += x[i] * x[i];
  float const length = __builtin_sqrtf(sum), factor = length < 1e-12f ? 0.f : 1 / length;
  for (index_t i = 0; i < s.count; ++i) y[i] = x[i] * factor;
}

}  // namespace petra::rt
