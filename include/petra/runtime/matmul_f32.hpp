// float matrix product with bias and activation: dense layers over several rows, attention (two activations), one row.
//
// y (M,N) = f(x (M,K) . w (K,N) + bias (N))    w row-major, or packed (runtime/matmul_shape.hpp); bias may be null
//
// `Shape` is matmul_shape, or fixed<matmul_shape{...}>: then a small product becomes straight code without calls.
// Deterministic; the order of summation depends on the shape and the instruction set only.
// Pre: m, n, k > 0; y overlaps neither x nor w; rows do not overlap. Nothing is read behind any of the arrays.
// Cost: 2 M N K operations. One core, Zen 5, AVX-512, literal extents, per cent of the multiply-adds that the machine
// can do: 8^3 61, 16^3 92, 32^3 95, 64^3 97. One row, packed: 16 x 16 2.7 ns, 64 x 64 38 ns, both bound by loads (a loop
// that only reads the weights of the latter takes as long); 128 x 128 240 ns, its weights are larger than L1.
#pragma once
#include "petra/runtime/matmul_columns_f32.hpp"
#include "petra/runtime/matmul_row_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

// Whether all of a product is inlined: literal extents, and so few multiply-adds that calls and plans are felt (32^3:
// 220 GFLOP/s instead of 210, 64^3: 225 instead of 217). Loops stay loops: it is one body per height of tile.
template <class Shape>
constexpr bool is_inlined_matmul() noexcept {
  if constexpr (is_fixed<Shape>)
    return Shape::value.m * Shape::value.n * Shape::value.k <= (Shape::value.m == 1 ? 128 * 128 : 64 * 64 * 64);
  return false;
}

// Whether literal extents may need tiles of one or two vectors: what they do not need is not compiled.
template <class Shape>
constexpr bool needs_vectors(int vectors) noexcept {
  if constexpr (is_fixed<Shape>) {
    index_t const rest = Shape::value.n % (2 * f32_lanes);
    return vectors == 2 ? Shape::value.n > f32_lanes : rest > 0 && rest <= f32_lanes;
  }
  return true;
}

template <class Shape>
PETRA_INLINE void matmul_several_rows(Shape shape, float const* x, float const* w, float const* bias,
                                      float* y) noexcept {
  constexpr bool inlined = is_inlined_matmul<Shape>();
  matmul_shape const s = shape;
  matmul_plan d{.k = s.k,
                .x_row = s.x_step(),
                .w_row = s.packed ? 16 : s.w_step(),
                .w_vector = s.packed && f32_lanes == 16 ? 16 * s.k : f32_lanes,
                .y_row = s.y_step(),
                .last = f32_lanes,
                .whole = true,
                .f = s.f};
  for (index_t j = 0; j < s.n;) {
    index_t const left = s.n - j, columns = left < 2 * f32_lanes ? left : 2 * f32_lanes;
    float const* const from = s.packed ? w + j / 16 * 16 * s.k + j % 16 : w + j;
    float const* const add = bias == nullptr ? nullptr : bias + j;
    d.last = columns > f32_lanes ? columns - f32_lanes : columns;
    d.whole = s.packed || d.last == f32_lanes;
    if constexpr (needs_vectors<Shape>(2))
      if (columns > f32_lanes) matmul_columns<inlined, 2>(shape, s.m, x, from, d, add, y + j);
    if constexpr (needs_vectors<Shape>(1))
      if (columns <= f32_lanes) matmul_columns<inlined, 1>(shape, s.m, x, from, d, add, y + j);
    j += columns;
  }
}

[[gnu::noinline]] inline void matmul_row_call(matmul_shape const& s, float const* x, float const* w, float const* bias,
                                              float* y) noexcept {
  if (s.packed)
    matmul_packed_row<false>(s, x, w, bias, y);
  else
    matmul_plain_row(s, x, w, bias, y);
}

template <class Shape>
PETRA_INLINE void matmul_f32(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  matmul_shape const s = shape;
  if constexpr (is_inlined_matmul<Shape>()) {
    if constexpr (Shape::value.m != 1)
      matmul_several_rows(shape, x, w, bias, y);
    else if constexpr (Shape::value.packed)
      matmul_packed_row<true>(s, x, w, bias, y);
    else
      matmul_plain_row(s, x, w, bias, y);
  } else if (s.m == 1) {
    matmul_row_call(s, x, w, bias, y);
  } else {
    matmul_several_rows(shape, x, w, bias, y);
  }
}

}  // namespace petra::rt
