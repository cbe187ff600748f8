// Register tile of a matrix product of at most one vector of columns, in AVX-512: each broadcast brings two numbers of A.
//
// c (12, columns) = or += sum over k of a (12, k) * b (k, columns), columns <= lanes, numbers of a row of A side by side
//
// With one vector of columns every multiply-add reads what it broadcasts: 25 loads for 24 of them, where the machine does
// two loads a cycle. Here a broadcast is a pair of neighbors of A, and a vector holds eight columns of two rows of B:
// 14 loads for 24 multiply-adds. Even and odd lanes are added in the end. 1024 x 16 x 144 on Zen 5: 96 per cent of the
// machine's multiply-adds instead of 88; rows of B that were interleaved before gain nothing more.
#pragma once
#include "petra/kernel/simd/matrix_tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Rows of the tile; 0: there is none.
inline constexpr index_t narrow_rows = PETRA_VECTOR_BYTES == 64 ? 12 : 0;

#if PETRA_VECTOR_BYTES == 64
// b: rows of `lanes` floats. Pre: d.a_col == 1.
template <class = void>
[[gnu::noinline]] inline void narrow_tile(matrix_product const& d, float const* a, float const* b, float* c,
                                          index_t last) {
  tile<narrow_rows, 2> pairs;
  pairs.clear();
  index_t const step = d.a_row, step3 = 3 * step, step5 = 5 * step, step7 = 7 * step, b_row = d.b_row;
  index_t const offset[8] = {0, step, 2 * step, step3, 4 * step, step5, 2 * step3, step7};
  float const* in[2] = {a, a + 8 * step};
  auto const out = [&](index_t i) __attribute__((always_inline)) { return c + i * d.c_row; };
#pragma GCC unroll 64
  for (index_t i = 0; i < narrow_rows; ++i) __builtin_prefetch(out(i), 1);
  // Quarter q of `low` holds columns 4 q and 4 q + 1, of `high` columns 4 q + 2 and 4 q + 3.
  auto const add = [&](__m512 even, __m512 odd, auto broadcast_of) __attribute__((always_inline)) {
    asm("" : "+v"(even), "+v"(odd));  // loaded once: g++ 12 reads memory in both instructions
    vector const low = _mm512_unpacklo_ps(even, odd), high = _mm512_unpackhi_ps(even, odd);
#pragma GCC unroll 64
    for (index_t i = 0; i < narrow_rows; ++i) {
      vector const v = broadcast_of(in[i / 8] + offset[i % 8]);
      pairs.at[i][0] = fmadd(v, low, pairs.at[i][0]);
      pairs.at[i][1] = fmadd(v, high, pairs.at[i][1]);
    }
  };
  for (index_t k = d.k / 2; k != 0; --k) {
    add(
        load(b), load(b + b_row), [](float const* p) __attribute__((always_inline)) {
          double pair;  // only bits: nothing rounds them
          __builtin_memcpy(&pair, p, sizeof pair);
          return vector(_mm512_castpd_ps(_mm512_set1_pd(pair)));
        });
    b += 2 * b_row;
    in[0] += 2;
    in[1] += 2;
  }
  if (d.k % 2 != 0)  // infinity times a number that is not there would be NaN
    add(
        load(b), zero(), [](float const* p) __attribute__((always_inline)) {
          return vector(_mm512_maskz_mov_ps(0x5555, broadcast(*p)));
        });

  tile<narrow_rows, 1> sums;
#pragma GCC unroll 64
  for (index_t i = 0; i < narrow_rows; ++i)
    sums.at[i][0] = vector(_mm512_shuffle_ps(pairs.at[i][0], pairs.at[i][1], 0x88)) +
                    vector(_mm512_shuffle_ps(pairs.at[i][0], pairs.at[i][1], 0xdd));
  if (d.bias != nullptr)
    sums.add(
        [&](index_t) __attribute__((always_inline)) { return d.bias; }, last);
  if (d.accumulate) sums.add(out, last);
  if (d.f == activation::relu) sums.rectify();
  sums.write(out, last);
}
#endif

// All rows of a panel of at most one vector of columns.
template <class = void>
inline void narrow_panel(matrix_product const& d, index_t m, float const* a, float const* b, float* c, index_t last) {
#if PETRA_VECTOR_BYTES == 64
  if (d.a_col == 1)
    for (; m >= narrow_rows; m -= narrow_rows, a += narrow_rows * d.a_row, c += narrow_rows * d.c_row)
      narrow_tile(d, a, b, c, last);
#endif
  matrix_rows<1>(d, m, a, b, c, last);
}

}  // namespace petra::kernel::simd
