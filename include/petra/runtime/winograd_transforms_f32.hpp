// The three linear maps of Winograd's F(4 x 4, 3 x 3): 16 outputs of a 3 x 3 convolution from 36 products instead of
// 144.
//
// y (4,4) = A^T [(G g G^T) . (B^T d B)] A    g (3,3) the kernel, d (6,6) the input, . element by element
//
// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016; interpolation points 0, 1, -1,
// 2, -2 and infinity. Rounding is amplified: with C inputs of equal size the error is about 10 times the direct
// convolution's, far below 1e-4 of the largest output (a test bounds it). A NaN or infinity spreads to its whole tile.
#pragma once
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

inline constexpr index_t winograd_outputs = 4;  // rows and columns of outputs in a tile
inline constexpr index_t winograd_inputs = 6;
inline constexpr index_t winograd_products = 36;

// t = B^T d: 12 operations. Constants are vectors, so that they contract to fused multiply-adds.
template <class T>
PETRA_INLINE void transform_inputs(T const (&d)[6], T (&t)[6]) noexcept {
  T const a = d[4] - 4.f * d[2], b = d[3] - 4.f * d[1], c = d[4] - d[2], e = d[3] - d[1];
  t[0] = 4.f * d[0] + (d[4] - 5.f * d[2]);
  t[1] = a + b;
  t[2] = a - b;
  t[3] = c + 2.f * e;
  t[4] = c - 2.f * e;
  t[5] = 4.f * d[1] + (d[5] - 5.f * d[3]);
}

// y = A^T m: 10 operations.
template <class T>
PETRA_INLINE void transform_products(T const (&m)[6], T (&y)[4]) noexcept {
  T const p = m[1] + m[2], q = m[1] - m[2], r = m[3] + m[4], s = m[3] - m[4];
  y[0] = (m[0] + p) + r;
  y[1] = q + 2.f * s;
  y[2] = p + 4.f * r;
  y[3] = (q + m[5]) + 8.f * s;
}

// u = G g, in double: weights are transformed once.
constexpr void transform_kernel(double const (&g)[3], double (&u)[6]) noexcept {
  double const even = g[0] + g[2], wide = g[0] + 4 * g[2];
  u[0] = g[0] / 4;
  u[1] = -(even + g[1]) / 6;
  u[2] = -(even - g[1]) / 6;
  u[3] = (wide + 2 * g[1]) / 24;
  u[4] = (wide - 2 * g[1]) / 24;
  u[5] = g[2];
}

// One tile of f32_lanes channels: v[6 i + j] (36 vectors, `stride` floats apart) = B^T d B; d is read at
// x[i row + j step].
PETRA_INLINE void transform_input_tile(float const* x, index_t row, index_t step, float* v, index_t stride) noexcept {
  f32v half[6][6];
#pragma GCC unroll 6
  for (int j = 0; j < 6; ++j) {
    f32v d[6], t[6];
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) d[i] = load(x + i * row + j * step);
    transform_inputs(d, t);
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) half[i][j] = t[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < 6; ++i) {
    f32v t[6];
    transform_inputs(half[i], t);
#pragma GCC unroll 6
    for (int j = 0; j < 6; ++j, v += stride) store(v, t[j]);
  }
}

// y[i][j] = bias + A^T m A of f32_lanes outputs; m as v above.
PETRA_INLINE void transform_output_tile(float const* m, index_t stride, f32v bias, f32v (&y)[4][4]) noexcept {
  f32v half[4][6];
#pragma GCC unroll 6
  for (int j = 0; j < 6; ++j) {
    f32v d[6], t[4];
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) d[i] = load(m + (6 * i + j) * stride);
    transform_products(d, t);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) half[i][j] = t[i];
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    half[i][0] += bias;
    half[i][5] += bias;
    f32v t[4];
    transform_products(half[i], t);
    y[i][0] = t[0], y[i][1] = t[1] + bias, y[i][2] = t[2] + bias, y[i][3] = t[3];
  }
}

}  // namespace petra::rt
