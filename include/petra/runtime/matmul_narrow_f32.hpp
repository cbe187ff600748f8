// Register tile of the float matrix product for at most 16 columns, in AVX-512: each broadcast brings two inputs.
//
// With one vector of columns every multiply-add reads the number that it broadcasts, and 24 of them need 25 loads where
// the machine does two a cycle. Here a broadcast is a pair of neighboring inputs, and a vector holds eight columns of
// two rows of w: lane 2 j is w[k][j], lane 2 j + 1 is w[k + 1][j]. Two such vectors are 16 columns, so 12 rows take 14
// loads for 24 multiply-adds; one is 8 columns, which alone would fill half of a vector. Even and odd lanes are added in
// the end.
//
// Measured on Zen 5, per cent of the machine's multiply-adds, before and now: 1024 x 16 x 144 88 and 95, 16^3 88 and
// 92, 8^3 42 and 61. Weights that were interleaved before gain nothing more. Rows in fours, below that the plain tile.
#pragma once
#include "petra/runtime/matmul_tile_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

// Rows that a tile of pairs has at least; 0: there is none.
inline constexpr int least_narrow_rows = PETRA_VECTOR_BYTES == 64 ? 4 : 0;

#if PETRA_VECTOR_BYTES == 64
// Two neighboring inputs in all pairs of lanes. Bits, not doubles: nothing may round or flush them.
PETRA_INLINE f32v broadcast_pair(float const* x) noexcept {
  double pair;
  __builtin_memcpy(&pair, x, sizeof pair);
  return reinterpret_cast<f32v>(_mm512_set1_pd(pair));
}
// x[0] and 0: infinity times a weight that is not there would be NaN.
PETRA_INLINE f32v broadcast_last(float const* x) noexcept {
  return reinterpret_cast<f32v>(_mm512_maskz_broadcastss_ps(0x5555, _mm_load_ss(x)));
}

// Columns of two rows of w, and the sums that come of them.
struct narrow_sixteen {
  using lanes = whole_lanes;
  static constexpr int vectors = 2, rows_together = 1;
  // Vector 0 holds columns 4 q and 4 q + 1 of quarter q, vector 1 columns 4 q + 2 and 4 q + 3.
  PETRA_INLINE static void interleave(f32v a, f32v b, f32v (&to)[2]) noexcept {
    to[0] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
    to[1] = __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
  }
};
struct narrow_eight {
  using lanes = half_lanes;
  static constexpr int vectors = 1, rows_together = 2;
  PETRA_INLINE static void interleave(half_lanes::vector a, half_lanes::vector b, f32v (&to)[1]) noexcept {
    to[0] = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  }
};
// Even plus odd lanes of a, then of b, quarter by quarter.
PETRA_INLINE f32v add_pairs(f32v a, f32v b) noexcept {
  return __builtin_shufflevector(a, b, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30) +
         __builtin_shufflevector(a, b, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31);
}

// As matmul_tile_body, for one vector of columns.
template <int Rows, class Narrow>
PETRA_INLINE void matmul_narrow_body(float const* x, float const* w, matmul_plan const& d, float const* bias,
                                     float* y) noexcept {
  using lanes = typename Narrow::lanes;
  using vector = typename lanes::vector;
  f32v sum[Rows][Narrow::vectors] = {};
  index_t const step = d.x_row, step3 = 3 * step, step5 = 5 * step, step7 = 7 * step;
  index_t const offset[8] = {0, step, 2 * step, step3, 4 * step, step5, 2 * step3, step7};
  float const* in[3] = {x, x + 8 * step, x + 16 * step};
  auto const add = [&](vector a, vector b, auto broadcast_one) __attribute__((always_inline)) {
    f32v weight[Narrow::vectors];
    Narrow::interleave(a, b, weight);
#pragma GCC unroll 64
    for (int i = 0; i < Rows; ++i) {
      f32v const v = broadcast_one(in[i / 8] + offset[i % 8]);
#pragma GCC unroll 64
      for (int j = 0; j < Narrow::vectors; ++j) sum[i][j] = v * weight[j] + sum[i][j];
    }
  };
  auto const run = [&](auto load_row) __attribute__((always_inline)) {
    for (index_t k = d.k / 2; k > 0; --k) {
      add(load_row(w), load_row(w + d.w_row), broadcast_pair);
      w += 2 * d.w_row;
#pragma GCC unroll 3
      for (int i = 0; i < (Rows + 7) / 8; ++i) in[i] += 2;
    }
    if (d.k % 2 != 0) add(load_row(w), vector{}, broadcast_last);
  };
  if (d.whole)
    run([](float const* p) __attribute__((always_inline)) { return load_vector<vector>(p); });
  else
    run([&](float const* p) __attribute__((always_inline)) { return lanes::first(p, d.last); });

  vector const start = bias == nullptr ? vector{} : lanes::first(bias, d.last);
  auto const finish = [&](vector v, float* to) __attribute__((always_inline)) {
    v = activate(d.f, v + start);
    if (d.last == lanes::count)
      __builtin_memcpy(to, &v, sizeof v);
    else
      lanes::store_first(to, v, d.last);
  };
#pragma GCC unroll 64
  for (int i = 0; i < Rows; i += Narrow::rows_together) {
    f32v const v = add_pairs(sum[i][0], Narrow::vectors == 2 ? sum[i][Narrow::vectors - 1] : sum[i + 1][0]);
    if constexpr (Narrow::vectors == 2) {
      finish(v, y + i * d.y_row);
    } else {
      f32v const rows = __builtin_shufflevector(v, v, 0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
      finish(__builtin_shufflevector(rows, rows, 0, 1, 2, 3, 4, 5, 6, 7), y + i * d.y_row);
      finish(__builtin_shufflevector(rows, rows, 8, 9, 10, 11, 12, 13, 14, 15), y + (i + 1) * d.y_row);
    }
  }
}
#endif

}  // namespace petra::rt
