// Products of one row or one column in float: no tile, every element of the matrix is read once.
//
// vector_matrix: y (N) = x (K) . B (K,N), B row-major. Blocks of 16 vectors: each row gives 1 KB in a row, which is what
// the fetching of caches ahead of use needs (256 x 256 from L2, Zen 5: 84 GFLOP/s, blocks of 4 vectors 57, whole rows
// added to y 58).
// dot_products: y (M) = A (M,K) . x (K), A row-major; one vector of partial sums per row, added up at its end.
#pragma once
#include "petra/kernel/simd/matrix_tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// y (n) = or += the sum of x[k] * b (k, n); n <= Vectors * lanes, more than Vectors - 1 vectors. Ways: independent sums,
// to hide the latency of multiply-add where there are few vectors.
template <index_t Vectors, index_t Ways>
void row_block(index_t k, index_t n, float const* x, index_t x_step, float const* b, index_t b_row, float const* bias,
               float* y, bool accumulate, activation f = activation::none) {
  index_t const last = n - (Vectors - 1) * lanes;
  vector sum[Ways][Vectors];
#pragma GCC unroll 8
  for (index_t w = 0; w < Ways; ++w)
#pragma GCC unroll 16
    for (index_t j = 0; j < Vectors; ++j) sum[w][j] = zero();
  auto const add = [&](index_t w, bool whole) __attribute__((always_inline)) {
    vector const v = broadcast(x[w * x_step]);
    float const* const row = b + w * b_row;
#pragma GCC unroll 16
    for (index_t j = 0; j < Vectors; ++j) {
      bool const part = !whole && j == Vectors - 1;
      sum[w][j] = fmadd(v, part ? load_first(row + j * lanes, last) : load(row + j * lanes), sum[w][j]);
    }
  };
  auto const run = [&](bool whole) __attribute__((always_inline)) {
    index_t i = 0;
    for (; i + Ways <= k; i += Ways, x += Ways * x_step, b += Ways * b_row)
#pragma GCC unroll 8
      for (index_t w = 0; w < Ways; ++w) add(w, whole);
    for (; i < k; ++i, x += x_step, b += b_row) add(0, whole);
  };
  if (last == lanes)
    run(true);
  else
    run(false);
#pragma GCC unroll 8
  for (index_t w = 1; w < Ways; ++w)
#pragma GCC unroll 16
    for (index_t j = 0; j < Vectors; ++j) sum[0][j] += sum[w][j];
  tile<1, Vectors> t;
#pragma GCC unroll 16
  for (index_t j = 0; j < Vectors; ++j) t.at[0][j] = sum[0][j];
  auto const out = [&](index_t) __attribute__((always_inline)) { return y; };
  finish(t, bias, accumulate, f, out, last);
}

// y (N) = or += x (K) . B (K,N); elements of x x_step apart, rows of B b_row.
template <class = void>
inline void vector_matrix(index_t k, index_t n, float const* x, index_t x_step, float const* b, index_t b_row, float* y,
                          bool accumulate) {
  constexpr index_t wide = registers == 32 ? 16 : 8;
  for (; n >= wide * lanes; n -= wide * lanes, b += wide * lanes, y += wide * lanes)
    row_block<wide, 1>(k, wide * lanes, x, x_step, b, b_row, nullptr, y, accumulate);
  for (; n >= 4 * lanes; n -= 4 * lanes, b += 4 * lanes, y += 4 * lanes)
    row_block<4, 2>(k, 4 * lanes, x, x_step, b, b_row, nullptr, y, accumulate);
  for (; n > 0; n -= lanes, b += lanes, y += lanes)
    row_block<1, 8>(k, n < lanes ? n : lanes, x, x_step, b, b_row, nullptr, y, accumulate);
}

// One packed panel of `width` columns, the first n of which exist: y (n) = f(sums + bias).
template <class = void>
inline void vector_panel(index_t k, index_t n, index_t width, float const* x, index_t x_step, float const* panel,
                         float const* bias, float* y, bool accumulate, activation f) {
  if (n <= lanes) return row_block<1, 8>(k, n, x, x_step, panel, width, bias, y, accumulate, f);
  row_block<2, 4>(k, n, x, x_step, panel, width, bias, y, accumulate, f);
}

// The sum of all lanes, halves first.
PETRA_INLINE float lane_sum(vector v) {
  alignas(PETRA_VECTOR_BYTES) float at[lanes];
  v.store_aligned(at);
#pragma GCC unroll 8
  for (index_t n = lanes / 2; n > 0; n /= 2)
#pragma GCC unroll 8
    for (index_t i = 0; i < n; ++i) at[i] += at[i + n];
  return at[0];
}

template <index_t Rows>
void dot_block(index_t k, float const* a, index_t a_row, float const* x, float* y, index_t y_step, bool accumulate) {
  vector sum[Rows];
#pragma GCC unroll 8
  for (index_t r = 0; r < Rows; ++r) sum[r] = zero();
  index_t i = 0;
  for (; i + lanes <= k; i += lanes) {
    vector const v = load(x + i);
#pragma GCC unroll 8
    for (index_t r = 0; r < Rows; ++r) sum[r] = fmadd(v, load(a + r * a_row + i), sum[r]);
  }
  if (i < k) {
    vector const v = load_first(x + i, k - i);
#pragma GCC unroll 8
    for (index_t r = 0; r < Rows; ++r) sum[r] = fmadd(v, load_first(a + r * a_row + i, k - i), sum[r]);
  }
#pragma GCC unroll 8
  for (index_t r = 0; r < Rows; ++r) y[r * y_step] = accumulate ? y[r * y_step] + lane_sum(sum[r]) : lane_sum(sum[r]);
}

// y (M) = or += A (M,K) . x (K); elements of y y_step apart.
template <class = void>
inline void dot_products(index_t m, index_t k, float const* a, index_t a_row, float const* x, float* y, index_t y_step,
                         bool accumulate) {
  for (; m >= 8; m -= 8, a += 8 * a_row, y += 8 * y_step) dot_block<8>(k, a, a_row, x, y, y_step, accumulate);
  for (; m > 0; --m, a += a_row, y += y_step) dot_block<1>(k, a, a_row, x, y, y_step, accumulate);
}

}  // namespace petra::kernel::simd
