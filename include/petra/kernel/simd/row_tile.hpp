// Register tile over rows of A that lie along k: groups of four neighboring rows, each group anywhere.
//
// Four rows a common distance apart need one pointer and two multiples of the distance, which is what an address of x86
// can hold; so 16 rows cost 4 pointers. Groups that start anywhere let a tile run over the ends of picture rows: a
// convolution over 8x8 pictures fills its tiles as well as one over 32x32. The rows may overlap: with a distance of
// stride * C floats they are the patches of neighboring pixels of an NHWC picture, and a segment is one row of the
// kernel: one run of k floats, or with dilation a run for each tap. No im2col.
//
// c (rows, columns) = or += sum over segments, runs and k of a (row, k) * b (k, columns) + bias (columns)
//
// Measured on Zen 5 (AVX-512, peak 269 GFLOP/s): 3 groups x 2 vectors 258; 4 x 1 225-241, 6 x 1 181 and 7 x 1 226
// (their pointers spill); with C = 3 (k = 9) 4 x 1 223, 7 x 1 194.
#pragma once
#include "petra/kernel/simd/tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// What all tiles of one product share.
struct row_product {
  index_t segments, k, jump;   // k contiguous floats per row and run; distance of segments
  index_t step;                // distance of neighboring rows of A
  index_t c_step;              // distance of neighboring rows of C
  bool accumulate;             // c +=, else c =
  index_t runs = 1, next = 0;  // of a segment; their distance
};

// Four rows: where they start in A and C, and how many exist. The others are computed from what lies there (it must be
// readable) and dropped.
template <class Word, class Out>
struct row_group_of {
  Word const* a;
  Out* c;
  index_t rows;
};
using row_group = row_group_of<float, float>;

// Groups of rows in a tile as wide as `vectors`: the accumulators, one row of B and one broadcast fit the registers.
constexpr index_t most_groups(index_t vectors) {
  if (registers == 32) return vectors == 1 ? 4 : 3;
  return vectors == 1 ? 2 : 1;
}
// Vectors of C a panel of B covers; the last panel may have fewer.
inline constexpr index_t panel_vectors = 2;

// b: one packed panel, rows of Vectors * lanes; bias: as wide as the panel, or null; last: columns in the last vector.
template <index_t Groups, index_t Vectors, class Word, class Out>
[[gnu::noinline]] void row_tile(row_product const& d, row_group_of<Word, Out> const* groups, Word const* b,
                                float const* bias, index_t last) {
  constexpr index_t width = Vectors * lanes;
  tile<Groups * 4, Vectors> t;
  t.clear();

  Word const* a[Groups];
#pragma GCC unroll 8
  for (index_t g = 0; g < Groups; ++g) a[g] = groups[g].a;
  index_t const step = d.step, step3 = 3 * step;
  for (index_t s = 0; s < d.segments; ++s) {
    auto const update = [&](index_t u) __attribute__((always_inline)) {
      auto const row = [&](index_t i) __attribute__((always_inline)) {
        return a[i / 4] + (i % 4 == 3 ? step3 : i % 4 * step) + u;
      };
      t.update(row, b + u * width);
    };
    auto const advance = [&](index_t n) __attribute__((always_inline)) {
#pragma GCC unroll 8
      for (index_t g = 0; g < Groups; ++g) a[g] += n;
    };
    for (index_t r = d.runs;;) {
      index_t k = 0;
      for (; k + 4 <= d.k; k += 4, b += 4 * width) {
#pragma GCC unroll 4
        for (index_t u = 0; u < 4; ++u) update(u);
        advance(4);
      }
      for (; k < d.k; ++k, b += width) {
        update(0);
        advance(1);
      }
      if (--r == 0) break;
      advance(d.next - d.k);
    }
    advance(d.jump - (d.runs - 1) * d.next - d.k);
  }

  auto const c = [&](index_t i) __attribute__((always_inline)) {
    return i % 4 < groups[i / 4].rows ? groups[i / 4].c + i % 4 * d.c_step : static_cast<Out*>(nullptr);
  };
  auto const every_row = [&](index_t) __attribute__((always_inline)) { return bias; };
  if (bias != nullptr) t.add(every_row, lanes);
  if (d.accumulate) t.add(c, last);
  t.write(c, last);
}

// As many groups as the tile has; those that are missing are computed from the first and dropped. Only the last tile of a
// product has such, and an instance for each number of groups took longer to compile than it ever saved.
template <index_t Vectors, class Word, class Out>
void row_tile_of(row_product const& d, row_group_of<Word, Out> const* groups, index_t count, Word const* b,
                 float const* bias, index_t last) {
  constexpr index_t most = most_groups(Vectors);
  if (count == most) return row_tile<most, Vectors>(d, groups, b, bias, last);
  row_group_of<Word, Out> all[most];
  for (index_t g = 0; g < most; ++g) all[g] = g < count ? groups[g] : row_group_of<Word, Out>{groups[0].a, nullptr, 0};
  row_tile<most, Vectors>(d, all, b, bias, last);
}

// Chooses the tile. Pre: 1 <= count <= most_groups(vectors).
template <class Word, class Out>
void row_tile(row_product const& d, row_group_of<Word, Out> const* groups, index_t count, index_t vectors,
              Word const* b, float const* bias, index_t last) {
  if (vectors == 1) return row_tile_of<1>(d, groups, count, b, bias, last);
  row_tile_of<2>(d, groups, count, b, bias, last);
}

}  // namespace petra::kernel::simd
