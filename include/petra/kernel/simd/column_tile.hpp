// Register tile over rows of A that lie side by side, as in a transposed matrix: (row, k) at a[k * a_step + row].
//
// Made for the gradient of weights, dw (O, KW*C) += dy (P,O)^T . patches (P, KW*C): dy is A, and the patches of
// neighboring pixels, vectors of the padded picture a_step apart, are B, read where they lie. A segment is a row of
// pixels.
//
// c (rows, columns) += sum over segments and k of a (k, row) * b (k, columns)
//
// Measured on Zen 5 (AVX-512, peak 269 GFLOP/s): 8 rows x 3 vectors 261, 8 x 2 259, 16 x 1 241; three
// runs of 9 rows x 1 vector 224 of 239.
#pragma once
#include <algorithm>
#include <type_traits>

#include "petra/kernel/simd/tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

struct column_product {
  index_t segments, k;
  index_t a_step, a_jump;  // distance of neighboring k in A; of segments
  index_t b_step, b_jump;  // the same in B
  index_t c_step;          // distance of rows of C
  index_t a_run = 0;       // rows in runs: distance of runs of A
  // Columns of B that are padding and not read: the first ones at the first k of each segment, the last ones at the last.
  // Whole vectors; 0 for rows in runs.
  index_t before = 0, after = 0;
};

// Tiles no larger than this fit the registers.
inline constexpr index_t column_tile_rows = registers == 32 ? 8 : 4;
inline constexpr index_t column_tile_vectors = registers == 32 ? 3 : 2;

// Adds to c. last: columns in the last vector of C; all vectors of B are read whole. Rows of A lie in runs of `Run`.
template <index_t Rows, index_t Vectors, index_t Run = Rows, class Word>
void column_tile(column_product const& d, Word const* a, Word const* b, float* c, index_t last) {
  constexpr index_t width = Vectors * lanes;
  tile<Rows, Vectors> t;
  t.clear();
  // Where B is padding, if anywhere.
  index_t const first = d.before > 0 ? 0 : -1, final = d.after > 0 ? d.k - 1 : -1;
  auto const row = [&](index_t i) __attribute__((always_inline)) { return c + i * d.c_step; };
  for (index_t s = 0; s < d.segments; ++s, a += d.a_jump, b += d.b_jump) {
    Word const* ak[Rows / Run];
#pragma GCC unroll 8
    for (index_t i = 0; i < Rows / Run; ++i) {
      ak[i] = a + i * d.a_run;
      asm("" : "+r"(ak[i]));  // one pointer a run: g++ 12 makes an offset for every row of it and spills them
    }
    Word const* bk = b;
    auto const at = [&](index_t i) __attribute__((always_inline)) { return ak[i / Run] + i % Run; };
    for (index_t k = 0; k < d.k; ++k, bk += d.b_step) {
      if constexpr (std::is_same_v<Word, float> && Rows == Run) {
        vector row_of_b[Vectors];
        index_t place = k;
        asm("" : "+r"(place));  // or the compiler makes copies of the loop
        if (place == first || place == final) [[unlikely]] {
          index_t const low = place == first ? d.before : 0, high = width - (place == final ? d.after : 0);
#pragma GCC unroll 8
          for (index_t j = 0; j < Vectors; ++j)
            row_of_b[j] = j * lanes < low || j * lanes >= high ? zero() : load(bk + j * lanes);
        } else {
#pragma GCC unroll 8
          for (index_t j = 0; j < Vectors; ++j) row_of_b[j] = load(bk + j * lanes);
        }
        t.update(at, row_of_b);
      } else {
        t.update(at, bk);
      }
#pragma GCC unroll 8
      for (index_t i = 0; i < Rows / Run; ++i) ak[i] += d.a_step;
    }
  }
  t.add(row, last);
  t.write(row, last);
}

template <index_t Rows, class Word>
void column_tile(column_product const& d, Word const* a, Word const* b, float* c, index_t vectors, index_t last) {
  if constexpr (column_tile_vectors > 2)
    if (vectors == 3) return column_tile<Rows, 3>(d, a, b, c, last);
  if (vectors == 2) return column_tile<Rows, 2>(d, a, b, c, last);
  column_tile<Rows, 1>(d, a, b, c, last);
}

// c (rows, columns) +=, any size, as tiles: rows in steps of 8, 4, 2, 1; columns in the fewest panels, almost equal.
template <class Word>
void column_tiles(column_product const& all, index_t rows, index_t columns, Word const* a, Word const* b, float* c) {
  index_t vectors = (columns + lanes - 1) / lanes, done = 0;
  for (index_t panels = (vectors + column_tile_vectors - 1) / column_tile_vectors; panels > 0; --panels) {
    index_t const wide = (vectors + panels - 1) / panels;
    index_t const last = panels == 1 ? columns - (wide - 1) * lanes : lanes;
    column_product d = all;
    d.before = std::clamp<index_t>(all.before - done, 0, wide * lanes);
    d.after = std::clamp<index_t>(all.after - std::max<index_t>(columns - wide * lanes, 0), 0, wide * lanes);
    done += wide * lanes;
    index_t i = 0;
    if constexpr (registers == 32)
      for (; wide == 1 && i + 16 <= rows; i += 16) column_tile<16, 1>(d, a + i, b, c + i * d.c_step, last);
    for (; i + column_tile_rows <= rows; i += column_tile_rows)
      column_tile<column_tile_rows>(d, a + i, b, c + i * d.c_step, wide, last);
    if constexpr (column_tile_rows > 4)
      for (; i + 4 <= rows; i += 4) column_tile<4>(d, a + i, b, c + i * d.c_step, wide, last);
    for (; i + 2 <= rows; i += 2) column_tile<2>(d, a + i, b, c + i * d.c_step, wide, last);
    for (; i < rows; ++i) column_tile<1>(d, a + i, b, c + i * d.c_step, wide, last);
    vectors -= wide;
    columns -= wide * lanes;
    b += wide * lanes;
    c += wide * lanes;
  }
}

}  // namespace petra::kernel::simd
