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
// Pre: that of matmul_s8; y and scratch overlap nothing. Cost: 2 M R (C + O) operations.
#pragma once
#include "petra/runtime/high_rows.hpp"
#include "petra/runtime/low_rank_panels.hpp"
#include "petra/runtime/matmul_s8.hpp"

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

// What becomes of the tiles of some blocks of 16 outputs, as requantized_panel does, and faster where factors are small:
// a factor of rank 64 has a result for every 64 products, so a third of the time is theirs.
template <class Rounding, int Blocks>
struct low_rank_panel {
  requantized_panel<Rounding, Blocks> any;
  high_scale high[Blocks];
  bool is_high;

  PETRA_INLINE low_rank_panel(matmul_s8_shape const& s, low_rank_factor_s8 const& f, index_t first, index_t last,
                              std::int8_t* y) noexcept {
    is_high = are_all_high<Rounding>(f.shift + first, 16 * (Blocks - 1) + last);
    for (int b = 0; b < Blocks; ++b) {
      index_t const o = first + 16 * b, n = b + 1 < Blocks ? 16 : last;
      if (is_high)
        high[b] = high_scale::load(f.multiplier + o, f.shift + o, n, s.out_zero);
      else
        any.scale[b] = requantizer<Rounding>::load(f.multiplier + o, f.shift + o, n);
    }
    any.grid = {s.out_zero, s.out_min, s.out_max};
    any.y = y + first;
    any.y_row = s.y_row;
    any.last = last;
  }
  template <class Tile>
  PETRA_INLINE void operator()(index_t row, index_t rows, Tile tile) const noexcept {
    if (!is_high) return any(row, rows, tile);
    alignas(64) std::int32_t sum[16 * Blocks * matmul_rows_s8(Blocks)];
    tile(sum);
    requantize_high_rows<Blocks>(sum, rows, any.last, high, any.grid, any.y + row * any.y_row, any.y_row);
  }
};

template <class Rounding, class Shape>
PETRA_INLINE void low_rank_product(Shape shape, std::int8_t const* x, low_rank_factor_s8 const& f,
                                   std::int8_t* y) noexcept {
  matmul_s8_shape const s = shape;
  matmul_products(shape, x, f.w, f.offset, 0, [&](auto blocks, index_t first, index_t last) {
    return low_rank_panel<Rounding, decltype(blocks)::value>(s, f, first, last, y);
  });
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
