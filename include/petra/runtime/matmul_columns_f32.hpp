// All rows of one or two vectors of columns of the float matrix product: which register tiles compute them.
#pragma once
#include "petra/runtime/matmul_narrow_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

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

// Which of the two kinds of tiles compute a vector of columns: pairs of inputs where they win, and how high they are.
template <int Rows, int Vectors, class Lanes>
PETRA_INLINE void matmul_rows_body(float const* x, float const* w, matmul_plan const& d, float const* bias,
                                   float* y) noexcept {
#if PETRA_VECTOR_BYTES == 64
  using narrow = std::conditional_t<Lanes::count == 8, narrow_eight, narrow_sixteen>;
  if constexpr (Vectors == 1 && Rows >= least_narrow_rows) return matmul_narrow_body<Rows, narrow>(x, w, d, bias, y);
#endif
  matmul_tile_body<Rows, Vectors, Lanes>(x, w, d, bias, y);
}
template <int Rows, int Vectors, class Lanes>
[[gnu::noinline]] void matmul_rows_call(float const* x, float const* w, matmul_plan const& d, float const* bias,
                                        float* y) noexcept {
  matmul_rows_body<Rows, Vectors, Lanes>(x, w, d, bias, y);
}

// Most rows of a tile: sums, weights and a broadcast fit the registers.
template <class Lanes>
constexpr int matmul_rows(int vectors) noexcept {
  if (PETRA_VECTOR_BYTES == 64) return Lanes::count == 8 ? 24 : 12;
#if defined(__aarch64__)
  return vectors == 1 ? 16 : 12;
#else
  return vectors == 1 ? 8 : 6;
#endif
}

template <class Shape>
constexpr index_t literal_columns() noexcept {
  if constexpr (is_fixed<Shape>) return Shape::value.n;
  return 0;
}

// All m rows: tiles as high as the registers allow, then lower ones. Literal extents choose which tiles are compiled;
// Inlined: the product is small, so it becomes code without calls.
template <bool Inlined, int Vectors, class Shape, int Rows = matmul_rows<lanes_for<literal_columns<Shape>()>>(Vectors)>
PETRA_INLINE void matmul_columns(Shape shape, index_t m, float const* x, float const* w, matmul_plan const& d,
                                 float const* bias, float* y) noexcept {
  using lanes = lanes_for<literal_columns<Shape>()>;
  constexpr bool needed = [] {
    if constexpr (is_fixed<Shape>) return needs_rows(Shape::value.m, matmul_rows<lanes>(Vectors), Rows);
    return true;
  }();
  if constexpr (needed) {
    index_t const taken = rows_taken(m, Rows);
    m -= taken;
    for (index_t i = 0; i < taken; i += Rows, x += Rows * d.x_row, y += Rows * d.y_row) {
      if constexpr (Inlined)
        matmul_rows_body<Rows, Vectors, lanes>(x, w, d, bias, y);
      else
        matmul_rows_call<Rows, Vectors, lanes>(x, w, d, bias, y);
    }
  }
  if constexpr (Rows > 1) matmul_columns<Inlined, Vectors, Shape, lower_rows(Rows)>(shape, m, x, w, d, bias, y);
}

}  // namespace petra::rt
