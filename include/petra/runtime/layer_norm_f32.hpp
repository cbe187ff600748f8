// float layer normalization over the rows of a matrix, the residual sum before it included.
//
// y (R,C) = gamma (x + r - mean) / sqrt(variance + epsilon) + beta    x, r, y (R,C), gamma, beta (C); mean and variance
// of the row x + r, the variance as the mean of squared differences (two passes)
//
// r may be null: nothing is added. y may be x or r. Source: Ba, Kiros, Hinton, "Layer normalization", 2016, section 3.
// Deterministic; the order of summation depends on the instruction set and C only.
// Pre: rows, cols >= 1; epsilon > 0.
#pragma once
#include "petra/runtime/reduce_f32.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace petra::inline PETRA_ABI::rt {

struct layer_norm_shape {
  index_t rows = 1, cols = 1;
  float epsilon = 1e-5f;
};

// Of a positive number, correctly rounded where the machine has the instruction, within 1 ulp elsewhere.
PETRA_INLINE float square_root(float x) noexcept {
#if defined(__SSE2__)
  return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
#elif defined(__aarch64__) && defined(__ARM_NEON)
  return vget_lane_f32(vsqrt_f32(vdup_n_f32(x)), 0);
#else
  float root = x > 1.f ? x : 1.f;
  for (;;) {
    float const next = 0.5f * (root + x / root);
    if (!(next < root)) return root;
    root = next;
  }
#endif
}

template <class Shape>
inline void layer_norm_f32(Shape shape, float const* x, float const* residual, float const* gamma, float const* beta,
                           float* y) noexcept {
  layer_norm_shape const s = shape;
  index_t const n = s.cols, whole = n - n % f32_lanes, rest = n - whole;
  float const share = 1.f / static_cast<float>(n);
  for (index_t row = 0; row < s.rows; ++row) {
    f32v sum{};
    auto const take = [&](f32v v) __attribute__((always_inline)) {
      sum += v;
      return v;
    };
    for (index_t i = 0; i < whole; i += f32_lanes)
      store(y + i, take(residual ? load(x + i) + load(residual + i) : load(x + i)));
    if (rest > 0)
      store(y + whole, take(residual ? load(x + whole, rest) + load(residual + whole, rest) : load(x + whole, rest)),
            rest);
    f32v const mean = broadcast(sum_of_lanes(sum) * share);
    f32v squares{};
    for (index_t i = 0; i < whole; i += f32_lanes) {
      f32v const d = load(y + i) - mean;
      squares = d * d + squares;
    }
    float size = sum_of_lanes(squares);
    for (index_t i = whole; i < n; ++i) size += (y[i] - mean[0]) * (y[i] - mean[0]);
    f32v const factor = broadcast(1.f / square_root(size * share + s.epsilon));
    for (index_t i = 0; i < whole; i += f32_lanes)
      store(y + i, (load(y + i) - mean) * factor * load(gamma + i) + load(beta + i));
    if (rest > 0)
      store(y + whole, (load(y + whole, rest) - mean) * factor * load(gamma + whole, rest) + load(beta + whole, rest),
            rest);
    x += n;
    y += n;
    if (residual) residual += n;
  }
}

}  // namespace petra::rt
