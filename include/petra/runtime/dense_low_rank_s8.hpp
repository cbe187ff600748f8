// int8 dense layer whose weights are a product of two thin matrices; what lies between them is int8 on a grid of its own.
//
// t (M,R) = clamp(mid_zero + requantize(bias_v + (x - in_zero) . V))     x (M,C), V (C,R)
// y (M,O) = clamp(out_zero + requantize(bias_u + (t - mid_zero) . U))    U (R,O)
//
// The bits are those of two dense layers (TensorFlow Lite int8 specification, FULLY_CONNECTED, per-channel), on every
// instruction set. Fused: some rows at a time go through both factors, so t never leaves L1. Scratch holds it:
// low_rank_scratch(shape) bytes. Deterministic. Reads nothing behind any operand.
// Factors are packed, and their bias is folded, as for the products that low_rank_first and low_rank_second name
// (runtime/matmul_s8.hpp); the second's input has the zero point mid_zero.
// Rows go through the tiles of a 1 x 1 convolution, which put their sums on the grid while these are in registers: with
// so few inputs the way through memory of matmul_s8 weighs a tenth (rank 64 of 512 x 512, 64 rows: 11.5 us instead of
// 12.5).
// Pre: that of matmul_s8; y and scratch overlap nothing. Cost: 2 M R (C + O) operations.
#pragma once
#include "petra/runtime/conv2d_s8.hpp"
#include "petra/runtime/low_rank_panels.hpp"

namespace petra::inline PETRA_ABI::rt {

struct low_rank_s8_shape {
  index_t m = 1, c = 1, rank = 1, o = 1;
  std::int32_t mid_zero = 0, mid_min = -128, mid_max = 127;
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;

  [[nodiscard]] constexpr index_t rank_bytes() const noexcept { return rank; }
};

// One factor: packed weights, folded bias, requantization of its outputs.
struct low_rank_factor_s8 {
  std::int8_t const* w;
  std::int32_t const* offset;
  std::int32_t const* multiplier;
  std::int8_t const* shift;
};

constexpr matmul_s8_shape low_rank_first(low_rank_s8_shape const& s, index_t rows) noexcept {
  return {.m = rows, .n = s.rank, .k = s.c, .out_zero = s.mid_zero, .out_min = s.mid_min, .out_max = s.mid_max};
}
constexpr matmul_s8_shape low_rank_second(low_rank_s8_shape const& s, index_t rows) noexcept {
  return {.m = rows, .n = s.o, .k = s.rank, .out_zero = s.out_zero, .out_min = s.out_min, .out_max = s.out_max};
}
constexpr index_t low_rank_scratch(low_rank_s8_shape const& s) noexcept {
  return low_rank_rows(s.m, s.rank_bytes()) * s.rank;
}

template <class Rounding, class Shape>
PETRA_INLINE void low_rank_product(Shape shape, std::int8_t const* x, low_rank_factor_s8 const& f,
                                   std::int8_t* y) noexcept {
  auto const extents = [&] {
    if constexpr (is_fixed<Shape>)
      return fixed<as_convolution(Shape::value)>{};
    else
      return as_convolution(shape);
  }();
  conv2d_of_kind<conv_kind::plain, Rounding>(extents, x, f.w, f.offset, f.multiplier, f.shift, y);
}

template <class Rounding = rounding::single, class Shape>
inline void dense_low_rank_s8(Shape shape, std::int8_t const* x, low_rank_factor_s8 const& v,
                              low_rank_factor_s8 const& u, std::int8_t* scratch, std::int8_t* y) noexcept {
  low_rank_s8_shape const s = shape;
  for_low_rank_panels(
      shape, [&](auto first, auto second, index_t row) __attribute__((always_inline)) {
        low_rank_product<Rounding>(first, x + row * s.c, v, scratch);
        low_rank_product<Rounding>(second, scratch, u, y + row * s.o);
      });
}

}  // namespace petra::rt
