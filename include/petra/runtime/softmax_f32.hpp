// float softmax over the rows of a matrix.
//
// y (R,C) = exp(x - max) / sum exp(x - max)    x, y (R,C)
//
// y may be x. A row that holds NaN or +inf becomes NaN. Deterministic; the order of summation depends on the instruction
// set and C only. Exponential: core/exp_f32.hpp. Reads and writes nothing beside the rows.
// Pre: rows, cols >= 1.
#pragma once
#include "petra/core/exp_f32.hpp"
#include "petra/runtime/reduce_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

struct rows_shape {
  index_t rows = 1, cols = 1;
};

// Of n floats, at least 1.
PETRA_INLINE float max_of_row(float const* x, index_t n) noexcept {
  if (n < f32_lanes) {
    float m = x[0];
    for (index_t i = 1; i < n; ++i) m = x[i] > m ? x[i] : m;
    return m;
  }
  f32v m = load(x + n - f32_lanes);  // lanes that are met twice do no harm
  for (index_t i = 0; i + f32_lanes <= n; i += f32_lanes) m = max(m, load(x + i));
  return max_of_lanes(m);
}

// y = exp(scale * (x - top)); the sum of y.
PETRA_INLINE float exp_of_row(float const* x, index_t n, float scale, float top, float* y) noexcept {
  f32v const factor = broadcast(scale), shift = broadcast(-scale * top);
  f32v sum{};
  index_t i = 0;
  for (; i + f32_lanes <= n; i += f32_lanes) {
    f32v const e = elementary::exp(load(x + i) * factor + shift);
    store(y + i, e);
    sum += e;
  }
  if (i < n) {
    alignas(PETRA_VECTOR_BYTES) float rest[f32_lanes] = {};
    store(rest, elementary::exp(load(x + i, n - i) * factor + shift));
    for (index_t k = 0; k < f32_lanes; ++k) rest[k] = k < n - i ? rest[k] : 0.f;
    f32v const e = load(rest);
    store(y + i, e, n - i);
    sum += e;
  }
  return sum_of_lanes(sum);
}

template <class Shape>
inline void softmax_f32(Shape shape, float const* x, float* y) noexcept {
  rows_shape const s = shape;
  for (index_t r = 0; r < s.rows; ++r, x += s.cols, y += s.cols) {
    f32v const factor = broadcast(1.f / exp_of_row(x, s.cols, 1.f, max_of_row(x, s.cols), y));
    index_t i = 0;
    for (; i + f32_lanes <= s.cols; i += f32_lanes) store(y + i, load(y + i) * factor);
    if (i < s.cols) store(y + i, load(y + i, s.cols - i) * factor, s.cols - i);
  }
}

}  // namespace petra::rt
