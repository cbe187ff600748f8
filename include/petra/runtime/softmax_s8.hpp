// int8 softmax over the rows of a matrix, by a table of the exponential's 256 values.
//
// y (R,C) = min(127, nearest(256 p) - 128), p = softmax(scale x)    x, y (R,C)    table (256): exp(-scale d) in Q0.31
//
// The output grid has scale 1 / 256 and zero point -128. Source: TensorFlow Lite int8 specification, SOFTMAX; the same
// bits on every instruction set and as kernel/reference/softmax_s8.hpp, which has the arithmetic: differences from the
// maximum are whole, so a function of them is a table. Its results are off by 0.52 / 256 at most, the last step from 127 to
// 128 left aside. y may be x. Deterministic. Reads and writes nothing beside the rows.
// AVX-512 VBMI: the table as four planes of bytes in registers, two permutations and a choice each for 64 lookups (64 x
// 64: 0.6 us; by 16 loads a register 4.4).
// Pre: 1 <= C <= 4095; scale > 2^-26.
#pragma once
#include "petra/runtime/softmax_avx512.hpp"
#include "petra/runtime/softmax_lookup.hpp"

namespace petra::inline PETRA_ABI::rt {

struct softmax_s8_shape {
  index_t rows = 1, cols = 1;
};

// exp(-t) in Q0.31 for t >= 0 in Q5.26: a polynomial for what is left of the last quarter, factors exp(-2^k) for the
// whole ones.
constexpr std::int32_t exp_of_negative(std::int32_t t) noexcept {
  using rounding::twice;
  if (t == 0) return 0x7fffffff;
  std::int32_t const rest = ((t - 1) & 0xffffff) + 1, quarters = (t - rest) >> 24;
  std::int32_t const x = (1 << 28) - (rest << 5);
  std::int32_t const x2 = twice::apply(x, x, 0), x3 = twice::apply(x2, x, 0), x4 = twice::apply(x2, x2, 0);
  std::int32_t const inner = twice::apply((x4 + 2) / 4 + x3, 715827883, 0) + x2;
  std::int32_t e = 1895147668 + twice::apply(x + twice::apply(inner, 0x7fffffff, -1), 1895147668, 0);
  constexpr std::int32_t factor[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  for (int k = 0; k < 7; ++k)
    if ((quarters >> k & 1) != 0) e = twice::apply(e, factor[k], 0);
  return e;
}

// scale: of the input grid, times the softmax's own factor (beta) if it has one.
constexpr void softmax_table_s8(double scale, std::int32_t* table) noexcept {
  double const factor = scale * 0x1p26;
  requant const q = quantize_multiplier(factor < 2147483647.0 ? factor : 2147483647.0);
  for (std::int32_t d = 0; d < 256; ++d) {
    bool const far = d > (std::int64_t{31} << 26 >> q.shift);
    table[d] = far ? 0 : exp_of_negative(-rounding::twice::apply(-(d << q.shift), q.multiplier, 0));
  }
}

// Rows whose sums are inverted together: each inverse is a chain of ten multiplications that wait for each other.
inline constexpr index_t softmax_rows_s8 = 8;

template <class Exponentials>
PETRA_INLINE void softmax_rows(Exponentials const& exp, index_t rows, index_t n, std::int8_t const* x,
                               std::int8_t* y) noexcept {
  for (; rows > 0; rows -= softmax_rows_s8, x += softmax_rows_s8 * n, y += softmax_rows_s8 * n) {
    index_t const together = rows < softmax_rows_s8 ? rows : softmax_rows_s8;
    std::int32_t top[softmax_rows_s8], sum[softmax_rows_s8];
    for (index_t k = 0; k < together; ++k) {
      top[k] = exp.largest(x + k * n, n);
      sum[k] = exp.sum(x + k * n, n, top[k]);
    }
    softmax_factor factor[softmax_rows_s8];
    for (index_t k = 0; k < together; ++k) factor[k] = inverse_of_sum(sum[k]);
    for (index_t k = 0; k < together; ++k) exp.put(x + k * n, n, top[k], factor[k], y + k * n);
  }
}

template <class Shape>
inline void softmax_s8(Shape shape, std::int8_t const* x, std::int32_t const* table, std::int8_t* y) noexcept {
  softmax_s8_shape const s = shape;
#if defined(__AVX512VBMI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
  if (s.rows * s.cols >= 128) return softmax_rows(softmax_planes(table), s.rows, s.cols, x, y);
#endif
  softmax_rows(softmax_lookup{table}, s.rows, s.cols, x, y);
}

}  // namespace petra::rt
