// Loops over arrays and over columns of matrices in vectors, the remainder included.
//
// A body captures by value: what it captures by reference lives in memory and is read again in every round.
// The body sees no difference between a whole vector and a remainder, so an element's value never depends on where in
// the array it lies.
#pragma once
#include <algorithm>

#include "petra/kernel/simd/vector.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// How a loop body reads and writes: all lanes, or the first n of them.
struct all_lanes {
  PETRA_INLINE static vector load(float const* p) { return simd::load(p); }
  PETRA_INLINE static void store(float* p, vector v) { simd::store(p, v); }
};
struct first_lanes {
  index_t n;
  PETRA_INLINE vector load(float const* p) const { return load_first(p, n); }
  PETRA_INLINE void store(float* p, vector v) const { store_first(p, v, n); }
};

// body(access, i) for the elements i ... of an array of n.
template <class F>
PETRA_INLINE void each_vector(index_t n, F body) {
  index_t const rest = n % lanes;
#pragma GCC unroll 4
  for (index_t i = 0; i < n - rest; i += lanes) body(all_lanes{}, i);
  if (rest > 0) body(first_lanes{rest}, n - rest);
}

// The same for long bodies, which then compile twice and not five times.
template <class F>
PETRA_INLINE void each_vector_rolled(index_t n, F body) {
  index_t const rest = n % lanes;
#pragma GCC unroll 1
  for (index_t i = 0; i < n - rest; i += lanes) body(all_lanes{}, i);
  if (rest > 0) body(first_lanes{rest}, n - rest);
}

// body(access, j, first row, end row) for blocks of rows and, inside them, vectors of columns j ... of [first, cols).
template <class F>
PETRA_INLINE void each_stripe(index_t rows, index_t first, index_t cols, index_t block, F body) {
  index_t const rest = (cols - first) % lanes;
  for (index_t r = 0; r < rows; r += block) {
    index_t const end = std::min(rows, r + block);
    for (index_t j = first; j < cols - rest; j += lanes) body(all_lanes{}, j, r, end);
    if (rest > 0) body(first_lanes{rest}, cols - rest, r, end);
  }
}
// All columns.
template <class F>
PETRA_INLINE void each_stripe(index_t rows, index_t cols, index_t block, F body) {
  each_stripe(rows, 0, cols, block, body);
}

// Sum of term(row) over rows [begin, end): four sums side by side, as one addition waits for the one before it.
template <class F>
PETRA_INLINE vector sum_rows(index_t begin, index_t end, F term) {
  vector s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
  index_t i = begin;
  for (; end - i >= 4; i += 4) {
    s0 += term(i);
    s1 += term(i + 1);
    s2 += term(i + 2);
    s3 += term(i + 3);
  }
  index_t const left = end - i;
  if (left > 0) s0 += term(i);
  if (left > 1) s1 += term(i + 1);
  if (left > 2) s2 += term(i + 2);
  return (s0 + s1) + (s2 + s3);
}

// Rows whose sum is formed before it is added to the total: the rounding error of a sum of n grows with block + n /
// block instead of n (Higham, "Accuracy and stability of numerical algorithms", 2002, section 4.2), and a block of 64
// columns stays in the L1 cache.
inline constexpr index_t sum_block = 128;

}  // namespace petra::kernel::simd
