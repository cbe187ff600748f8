// Register tile of a product of bfloat16 numbers by VDPBF16PS: a step takes a pair along K of each row of A, broadcast,
// and pairs of B (pack_pairs.hpp).
//
// c (Rows, columns) = or += sum over k of a (Rows, k) * b (k, columns), then bias and activation
//
// The instruction flushes denormals of its operands and of its sums to zero, and rounds each pair's two products and
// additions in an order of its own. Addresses as in matrix_tile.hpp.
//
// Where the instruction is missing the caller converts to float and runs the float tiles.
#pragma once
#include "petra/kernel/simd/bf16_pairs.hpp"
#include "petra/kernel/simd/matrix_tile.hpp"
#include "petra/kernel/simd/pack_pairs.hpp"

#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64

namespace petra::inline PETRA_ABI::kernel::simd {

struct pair_product {
  index_t pairs;          // along K
  index_t a_row, a_pair;  // distance of rows and of pairs of A
  index_t b_row;          // distance of two rows of a row-major B, where the tile interleaves them; else unused
  index_t c_row;
  bool accumulate;  // c +=, else c =
  activation f;
};

// Interleaves: b is row-major; the pairs it makes are written to `to`, `to_step` numbers apart.
template <index_t Rows, index_t Vectors, bool Interleaves = false>
[[gnu::noinline]] void pair_tile(pair_product const& d, bf16 const* a, bf16 const* b, float const* bias, float* c,
                                 index_t last, [[maybe_unused]] bf16* to = nullptr,
                                 [[maybe_unused]] index_t to_step = 0) {
  constexpr index_t ahead = 8;
  tile<Rows, Vectors> t;
  t.clear();
  index_t const step = d.a_row, step3 = 3 * step, step5 = 5 * step, step7 = 7 * step;
  index_t const offset[8] = {0, step, 2 * step, step3, 4 * step, step5, 2 * step3, step7};
  bf16 const* in[2] = {a, a + 8 * step};
  auto const row = [&](index_t i) __attribute__((always_inline)) {
    return reinterpret_cast<bf16_pair const*>(in[i / 8] + offset[i % 8]);
  };
  auto const out = [&](index_t i) __attribute__((always_inline)) { return c + i * d.c_row; };
#pragma GCC unroll 64
  for (index_t i = 0; i < Rows; ++i) __builtin_prefetch(out(i), 1);
  for (index_t k = d.pairs; k != 0; --k) {
    if constexpr (Interleaves) {
      pair_vector made[Vectors];
#pragma GCC unroll 4
      for (index_t j = 0; j < Vectors; ++j) {
        made[j] = interleave(b + j * lanes, b + d.b_row + j * lanes);
        store(reinterpret_cast<bf16_pair*>(to) + j * lanes, made[j]);
      }
      __builtin_prefetch(b + 2 * ahead * d.b_row);
      __builtin_prefetch(b + (2 * ahead + 1) * d.b_row);
      t.update(row, made);
      to += to_step;
      b += 2 * d.b_row;
    } else {
      t.update(row, reinterpret_cast<bf16_pair const*>(b));
      b += 2 * Vectors * lanes;
    }
    in[0] += d.a_pair;
    in[1] += d.a_pair;
  }
  finish(t, bias, d.accumulate, d.f, out, last);
}

// Rows of the first tile of m rows: 12, or the highest that exists.
constexpr index_t pair_tile_rows(index_t m) { return m >= 12 && m != 16 ? 12 : m >= 8 ? 8 : m >= 4 ? 4 : m; }

// The first tile of m rows of a row-major panel.
template <class = void>
inline void first_pair_tile(pair_product const& d, index_t m, bf16 const* a, bf16 const* b, float const* bias, float* c,
                            bf16* to, index_t to_step) {
  switch (pair_tile_rows(m)) {
    case 12:
      return pair_tile<12, 2, true>(d, a, b, bias, c, lanes, to, to_step);
    case 8:
      return pair_tile<8, 2, true>(d, a, b, bias, c, lanes, to, to_step);
    case 4:
      return pair_tile<4, 2, true>(d, a, b, bias, c, lanes, to, to_step);
    case 3:
      return pair_tile<3, 2, true>(d, a, b, bias, c, lanes, to, to_step);
    case 2:
      return pair_tile<2, 2, true>(d, a, b, bias, c, lanes, to, to_step);
    default:
      return pair_tile<1, 2, true>(d, a, b, bias, c, lanes, to, to_step);
  }
}

// All rows of a packed panel, Vectors wide.
template <index_t Vectors, index_t Rows = 12>
void pair_rows(pair_product const& d, index_t m, bf16 const* a, bf16 const* b, float const* bias, float* c,
               index_t last) {
  constexpr index_t lower = Rows > 8 ? 8 : Rows > 4 ? 4 : Rows - 1;
  for (; m >= Rows && !(Rows == 12 && m == 16); m -= Rows, a += Rows * d.a_row, c += Rows * d.c_row)
    pair_tile<Rows, Vectors>(d, a, b, bias, c, last);
  if constexpr (lower > 0)
    if (m > 0) pair_rows<Vectors, lower>(d, m, a, b, bias, c, last);
}

}  // namespace petra::kernel::simd

#endif
