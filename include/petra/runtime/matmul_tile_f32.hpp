// Register tile of the float matrix product: Rows of x times Vectors of outputs, w read row by row, packed or not.
//
// Rows of y share each row of w; a step of k broadcasts one number of each row of x. Addresses of x86 hold a base plus
// 1, 2, 4 or 8 times a register: eight rows need one base and 1, 3, 5, 7 times the distance of rows.
#pragma once
#include "petra/runtime/matmul_shape.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

struct matmul_plan {
  index_t k;
  index_t x_row;     // inputs from one row to the next
  index_t w_row;     // weights from one k to the next
  index_t w_vector;  // weights from one vector of outputs to the next
  index_t y_row;
  index_t last;  // outputs in the last vector, 1 to f32_lanes
  bool whole;    // the last vector of weights may be read whole at every k
  matmul_shape::activation f;
};

// Most rows of a tile: sums, weights and a broadcast fit the registers.
constexpr int matmul_rows(int vectors) noexcept {
  if (f32_lanes == 16) return vectors == 1 ? 24 : 12;
#if defined(__aarch64__)
  return vectors == 1 ? 16 : 12;
#else
  return vectors == 1 ? 8 : 6;
#endif
}

PETRA_INLINE f32v activate(matmul_shape::activation f, f32v v) noexcept {
  // Written so that NaN stays NaN.
  if (f != matmul_shape::activation::none) v = v < f32v{} ? f32v{} : v;
  f32v const six = broadcast(6.f);
  return f == matmul_shape::activation::relu6 ? (v > six ? six : v) : v;
}

// The last, partial vector of weights; `left` counts the weights to the end of the array. Lanes past `n` may hold
// anything: they are never stored.
PETRA_INLINE f32v load_last(float const* w, index_t n, [[maybe_unused]] index_t left) noexcept {
#if PETRA_VECTOR_BYTES == 64
  return load(w, n);
#else
  return left >= f32_lanes ? load(w) : load(w, n);
#endif
}

template <int Rows, int Vectors>
PETRA_INLINE void matmul_tile_body(float const* x, float const* w, matmul_plan const& d, float const* bias,
                                   float* y) noexcept {
  f32v sum[Rows][Vectors];
#pragma GCC unroll 64
  for (int j = 0; j < Vectors; ++j) {
    f32v start{};
    if (bias != nullptr) start = j == Vectors - 1 ? load(bias + j * f32_lanes, d.last) : load(bias + j * f32_lanes);
#pragma GCC unroll 64
    for (int i = 0; i < Rows; ++i) sum[i][j] = start;
  }
  index_t const step = d.x_row, step3 = 3 * step, step5 = 5 * step, step7 = 7 * step;
  index_t const offset[8] = {0, step, 2 * step, step3, 4 * step, step5, 2 * step3, step7};
  float const* in[3] = {x, x + 8 * step, x + 16 * step};
  auto const run = [&](bool whole) __attribute__((always_inline)) {
    index_t left = (d.k - 1) * d.w_row + d.last;
    for (index_t k = 0; k < d.k; ++k) {
      f32v row[Vectors];
#pragma GCC unroll 64
      for (int j = 0; j < Vectors; ++j) {
        float const* const from = w + j * d.w_vector;
        row[j] = whole || j < Vectors - 1 ? load(from) : load_last(from, d.last, left);
      }
#pragma GCC unroll 64
      for (int i = 0; i < Rows; ++i) {
        f32v const v = broadcast(in[i / 8][offset[i % 8]]);
#pragma GCC unroll 64
        for (int j = 0; j < Vectors; ++j) sum[i][j] = v * row[j] + sum[i][j];
      }
      w += d.w_row;
      left -= d.w_row;
#pragma GCC unroll 3
      for (int i = 0; i < (Rows + 7) / 8; ++i) ++in[i];
    }
  };
  if (d.whole)
    run(true);
  else
    run(false);
#pragma GCC unroll 64
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 64
    for (int j = 0; j < Vectors; ++j) {
      f32v const v = activate(d.f, sum[i][j]);
      float* const to = y + i * d.y_row + j * f32_lanes;
      if (j < Vectors - 1 || d.last == f32_lanes)
        store(to, v);
      else
        store(to, v, d.last);
    }
}

template <int Rows, int Vectors>
[[gnu::noinline]] void matmul_tile(float const* x, float const* w, matmul_plan const& d, float const* bias,
                                   float* y) noexcept {
  matmul_tile_body<Rows, Vectors>(x, w, d, bias, y);
}

// The next lower tile, and the rows that a tile of this height takes of m: 16 rows are 8 + 8, not 12 + 4.
constexpr int lower_rows(int rows) noexcept { return rows > 16 ? 16 : rows > 8 ? 8 : rows > 4 ? 4 : rows - 1; }
constexpr index_t rows_taken(index_t m, int rows) noexcept {
  index_t const all = m / rows * rows;
  return rows == 12 && m % 12 == 4 && all > 0 ? all - 12 : all;
}
// Whether m rows need a tile of `rows` when they begin with tiles of `first`.
constexpr bool needs_rows(index_t m, int first, int rows) noexcept {
  for (; first > rows; first = lower_rows(first)) m -= rows_taken(m, first);
  return rows_taken(m, rows) > 0;
}

// All m rows: tiles as high as the registers allow, then lower ones. Literal extents choose which tiles are compiled;
// Inlined: the product is small, so it becomes code without calls.
template <bool Inlined, int Vectors, class Shape, int Rows = matmul_rows(Vectors)>
PETRA_INLINE void matmul_columns(Shape shape, index_t m, float const* x, float const* w, matmul_plan const& d,
                                 float const* bias, float* y) noexcept {
  constexpr bool needed = [] {
    if constexpr (is_fixed<Shape>) return needs_rows(Shape::value.m, matmul_rows(Vectors), Rows);
    return true;
  }();
  if constexpr (needed) {
    index_t const taken = rows_taken(m, Rows);
    m -= taken;
    for (index_t i = 0; i < taken; i += Rows, x += Rows * d.x_row, y += Rows * d.y_row) {
      if constexpr (Inlined)
        matmul_tile_body<Rows, Vectors>(x, w, d, bias, y);
      else
        matmul_tile<Rows, Vectors>(x, w, d, bias, y);
    }
  }
  if constexpr (Rows > 1) matmul_columns<Inlined, Vectors, Shape, lower_rows(Rows)>(shape, m, x, w, d, bias, y);
}

}  // namespace petra::rt
