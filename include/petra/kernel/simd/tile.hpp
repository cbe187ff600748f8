// The register tile under every matrix product and convolution: Rows x Vectors accumulators that take one rank-1 update
// (a column of A times a row of B) per step of k. A is broadcast, B is loaded as vectors.
//
// Source: Goto, van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008, section 5.
// The loops have constant bounds and must be unrolled completely: only then are the accumulators registers. The pragma
// does it from -O1 on, in g++ and clang; folds over index sequences give the same code but take 3.6 s to compile for
// one convolution instead of 2.1 s.
//
// Operands are words: floats, or pairs of bf16 (see bf16_pairs.hpp). The accumulators are floats; results are stored as
// what the pointer to them says.
//
// Cost: a step is Rows * Vectors multiply-adds against Rows broadcasts + Vectors loads; a cycle holds two of each.
#pragma once
#include "petra/kernel/simd/vector.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// The words that numbers are multiplied as, and how many make one.
template <class T>
struct words_of;
template <>
struct words_of<float> {
  using type = float;
  static constexpr index_t numbers = 1;
};

template <index_t Rows, index_t Vectors>
struct tile {
  vector at[Rows][Vectors];

  PETRA_INLINE void clear() {
#pragma GCC unroll 64
    for (index_t i = 0; i < Rows; ++i)
#pragma GCC unroll 64
      for (index_t j = 0; j < Vectors; ++j) at[i][j] = zero();
  }

  // Every row is b, the last vector of which holds `last` columns; nothing behind them is read.
  PETRA_INLINE void begin_with(float const* b, index_t last) {
#pragma GCC unroll 64
    for (index_t j = 0; j < Vectors; ++j) {
      vector const v = j + 1 < Vectors ? load(b + j * lanes) : load_first(b + j * lanes, last);
#pragma GCC unroll 64
      for (index_t i = 0; i < Rows; ++i) at[i][j] = v;
    }
  }

  // at[i] = max(at[i], 0); NaN stays NaN.
  PETRA_INLINE void rectify() {
#pragma GCC unroll 64
    for (index_t i = 0; i < Rows; ++i)
#pragma GCC unroll 64
      for (index_t j = 0; j < Vectors; ++j) at[i][j] = larger(zero(), at[i][j]);
  }

  // at[i] += *a(i) * b
  template <class A, class Word>
  PETRA_INLINE void update(A a, Word const* b) {
    decltype(load(b)) row[Vectors];
#pragma GCC unroll 64
    for (index_t j = 0; j < Vectors; ++j) row[j] = load(b + j * lanes);
    update(a, row);
  }
  template <class A, class V>
  PETRA_INLINE void update(A a, V const (&row)[Vectors]) {
#pragma GCC unroll 64
    for (index_t i = 0; i < Rows; ++i) {
      auto const x = broadcast(*a(i));
#pragma GCC unroll 64
      for (index_t j = 0; j < Vectors; ++j) at[i][j] = fmadd(x, row[j], at[i][j]);
    }
  }

  // at[i] += c(i) where c(i) is not null. The last vector holds `last` columns; nothing behind them is read.
  template <class C>
  PETRA_INLINE void add(C c, index_t last) {
#pragma GCC unroll 64
    for (index_t i = 0; i < Rows; ++i) {
      auto const* const p = c(i);
      if (p == nullptr) continue;
#pragma GCC unroll 64
      for (index_t j = 0; j + 1 < Vectors; ++j) at[i][j] += load(p + j * lanes);
      auto const* const end = p + (Vectors - 1) * lanes;
      at[i][Vectors - 1] += last == lanes ? load(end) : load_first(end, last);
    }
  }

  // c(i) = at[i] where c(i) is not null. The last vector holds `last` columns; nothing behind them is written.
  template <class C>
  PETRA_INLINE void write(C c, index_t last) const {
#pragma GCC unroll 64
    for (index_t i = 0; i < Rows; ++i) {
      auto* const p = c(i);
      if (p == nullptr) continue;
#pragma GCC unroll 64
      for (index_t j = 0; j + 1 < Vectors; ++j) store(p + j * lanes, at[i][j]);
      if (last == lanes)
        store(p + (Vectors - 1) * lanes, at[i][Vectors - 1]);
      else
        store_first(p + (Vectors - 1) * lanes, at[i][Vectors - 1], last);
    }
  }
};

}  // namespace petra::kernel::simd
