// Register tile of a matrix product whose operands lie anywhere: A by two strides, B by rows of whole vectors.
//
// c (Rows, columns) = or += sum over k of a (Rows, k) * b (k, columns)
//
// Rows and columns of A are any distance apart, so a transposed A is read where it lies, and so is a row-major B: a
// step of 12 cycles hides the latency of the L2 cache, and copies of A only cost time (1024^3, rows of A 4096 bytes
// apart and so in one set of L1: 218 GFLOP/s in place, 202 copied). Addresses of x86 hold a base plus 1, 2, 4 or 8
// times a register: eight rows need one base and 1, 3, 5, 7 times the distance of rows.
//
// Measured on Zen 5 (AVX-512, per cent of the machine's multiply-adds): 12 x 2 vectors 97. With one vector of columns
// each multiply-add reads memory (its broadcast), and n rows need n + 1 loads where the machine does two a cycle:
// 24 rows 90, 16 rows 88, 28 rows 90. Where rows of A lie along k narrow_tile.hpp does better.
#pragma once
#include <algorithm>
#include <limits>

#include "petra/kernel/reference/gemm.hpp"
#include "petra/kernel/simd/tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// What all tiles of one product share.
struct matrix_product {
  index_t k;
  index_t a_row, a_col;  // distance of rows and of columns of A
  index_t b_row;         // distance of rows of B
  index_t c_row;
  bool accumulate;              // c +=, else c =
  activation f;                 // of the tiles only relu; add_bias knows all
  float const* bias = nullptr;  // that the sums begin with, one number per column
};

// Rows of a tile: the sums, a row of B and a broadcast fit the registers.
constexpr index_t most_rows(index_t vectors) {
  if (registers == 32) return vectors == 1 ? (lanes == 16 ? 16 : 24) : 12;
  return vectors == 1 ? 12 : 6;
}

// Adds the bias (one number per column, or null) and, to accumulate, what lies at c(i); applies f; writes c(i).
template <index_t Rows, index_t Vectors, class C>
PETRA_INLINE void finish(tile<Rows, Vectors>& t, float const* bias, bool accumulate, activation f, C c, index_t last) {
  auto const every_row = [&](index_t) __attribute__((always_inline)) { return bias; };
  if (bias != nullptr) t.add(every_row, last);
  if (accumulate) t.add(c, last);
  if (f != activation::none) {
    vector const low = zero(), high = broadcast(f == activation::relu6 ? 6.f : std::numeric_limits<float>::infinity());
#pragma GCC unroll 64
    for (index_t i = 0; i < Rows; ++i)
#pragma GCC unroll 64
      for (index_t j = 0; j < Vectors; ++j) {
        vector const v = t.at[i][j];
        t.at[i][j] = select(v < low, low, select(v > high, high, v));
      }
  }
  t.write(c, last);
}

// c (rows, columns) = f(c + bias), bias one number per column, or null: in L1 where the tile has just left it. As the end of
// the tile it was as fast, and each of its instances took twice as long to compile.
template <class = void>
[[gnu::noinline]] inline void add_bias(matrix_product const& d, index_t rows, index_t columns, float const* bias,
                                       float* c) {
  float const inf = std::numeric_limits<float>::infinity();
  vector const low = broadcast(d.f == activation::none ? -inf : 0.f),
               high = broadcast(d.f == activation::relu6 ? 6.f : inf);
  for (index_t i = 0; i < rows; ++i, c += d.c_row)
    for (index_t j = 0; j < columns; j += lanes) {
      index_t const n = std::min(columns - j, lanes);
      vector const v = load_first(c + j, n) + (bias == nullptr ? zero() : load_first(bias + j, n));
      store_first(c + j, select(v < low, low, select(v > high, high, v)), n);
    }
}

// b: rows of Vectors * lanes floats; last: columns in the last vector of C.
// Packs: the rows of B are also written to `to`, one behind the other: a tile that computes has the time to copy. They
// are fetched ahead, because then they come from far away.
template <index_t Rows, index_t Vectors, bool Packs = false>
[[gnu::noinline]] void matrix_tile(matrix_product const& d, float const* a, float const* b, float* c, index_t last,
                                   [[maybe_unused]] float* to = nullptr) {
  constexpr index_t ahead = 16;
  tile<Rows, Vectors> t;
  if (d.bias == nullptr)
    t.clear();
  else
    t.begin_with(d.bias, last);
  index_t const step = d.a_row, step3 = 3 * step, step5 = 5 * step, step7 = 7 * step, a_col = d.a_col, b_row = d.b_row;
  index_t const offset[8] = {0, step, 2 * step, step3, 4 * step, step5, 2 * step3, step7};
  float const* in[3] = {a, a + 8 * step, a + 16 * step};
  auto const row = [&](index_t i) __attribute__((always_inline)) { return in[i / 8] + offset[i % 8]; };
  auto const out = [&](index_t i) __attribute__((always_inline)) { return c + i * d.c_row; };
#pragma GCC unroll 64
  for (index_t i = 0; i < Rows; ++i) __builtin_prefetch(out(i), 1);
  for (index_t k = d.k; k != 0; --k) {
    t.update(row, b);
    if constexpr (Packs) {
#pragma GCC unroll 4
      for (index_t j = 0; j < Vectors; ++j) {
        store(to + j * lanes, load(b + j * lanes));
        __builtin_prefetch(b + ahead * b_row + j * lanes);
      }
      to += Vectors * lanes;
    }
    b += b_row;
#pragma GCC unroll 3
    for (index_t i = 0; i < (Rows + 7) / 8; ++i) in[i] += a_col;
  }
  if (d.accumulate) t.add(out, last);
  if (d.f == activation::relu) t.rectify();
  t.write(out, last);
}

// All rows of a panel of B, Vectors wide: tiles as high as the registers allow, then lower ones. Sixteen rows are 8 + 8,
// not 12 + 4: four rows need twice the loads of B per multiply-add (64 x 576 x 1024: 222 GFLOP/s instead of 213).
template <index_t Vectors, index_t Rows = most_rows(Vectors)>
void matrix_rows(matrix_product const& d, index_t m, float const* a, float const* b, float* c, index_t last) {
  constexpr index_t lower = Rows > 16 ? 16 : Rows / 2 > 4 ? 8 : Rows / 2 > 2 ? 4 : Rows / 2;
  for (; m >= Rows && !(Rows == 12 && lower == 8 && m == 16); m -= Rows, a += Rows * d.a_row, c += Rows * d.c_row)
    matrix_tile<Rows, Vectors>(d, a, b, c, last);
  if constexpr (lower > 0)
    if (m > 0) matrix_rows<Vectors, lower>(d, m, a, b, c, last);
}

}  // namespace petra::kernel::simd
