// Softmax over the rows of a matrix of floats and its gradient.
//
// The exponential is that of the kernels that ship (core/exp_f32.hpp). A result is off by at most
// (8 + |x - max| + C / 8) 2^-24 of itself: x - max is rounded once. A row that holds NaN or +inf becomes NaN.
//
// A row's values depend on nothing but the row; the order of summation on C and the width of the vector. Deterministic.
#pragma once
#include "petra/core/exp_f32.hpp"
#include "petra/kernel/reference/softmax.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

// Of n floats. Pre: n >= 1.
PETRA_INLINE float max_of_row(float const* x, index_t n) {
  vector const first = broadcast(x[0]);
  if (n < lanes) return max_of_lanes(replace_rest(load_first(x, n), n, first));
  vector m = load(x + n - lanes);  // lanes that are met twice do no harm
  for (index_t i = 0; i < n - lanes; i += lanes) m = xsimd::max(m, load(x + i));
  return max_of_lanes(m);
}

// y (n) = exp(x - top). Returns the sum of y.
PETRA_INLINE float exp_of_row(float const* x, index_t n, float top, float* y) {
  auto const exp = [](vector v) __attribute__((always_inline)) { return wrapped(elementary::exp(plain(v))); };
  vector const shift = broadcast(top);
  vector sum = zero();
  index_t i = 0;
  for (; n - i >= lanes; i += lanes) {
    vector const e = exp(load(x + i) - shift);
    store(y + i, e);
    sum += e;
  }
  if (i < n) {
    vector const e = exp(load_first(x + i, n - i) - shift);
    store_first(y + i, e, n - i);
    sum += replace_rest(e, n - i, zero());
  }
  return sum_of_lanes(sum);
}

// Sum of term(access, i) over the vectors of n elements; terms of lanes behind them do not count.
template <class F>
PETRA_INLINE float sum_of_row(index_t n, F term) {
  vector sum = zero();
  index_t i = 0;
  for (; n - i >= lanes; i += lanes) sum += term(all_lanes{}, i);
  if (i < n) sum += replace_rest(term(first_lanes{n - i}, i), n - i, zero());
  return sum_of_lanes(sum);
}

}  // namespace simd

// y (R,C) = exp(x - max) / sum exp(x - max). Assigns y, which may be x.
// Pre: cols >= 1.
template <class = void>
inline void softmax(simd_tag, index_t rows, index_t cols, float const* x, float* y) {
  using namespace simd;
  for (index_t r = 0; r < rows; ++r, x += cols, y += cols) {
    vector const factor = broadcast(1.f / exp_of_row(x, cols, max_of_row(x, cols), y));
    each_vector(cols, [=](auto lane, index_t i) { lane.store(y + i, lane.load(y + i) * factor); });
  }
}

// dx (R,C) += y (dy - sum y dy), y the result of softmax. Accumulates into dx.
template <class = void>
inline void softmax_backward(simd_tag, index_t rows, index_t cols, float const* y, float const* dy, float* dx) {
  using namespace simd;
  for (index_t r = 0; r < rows; ++r, y += cols, dy += cols, dx += cols) {
    vector const sum =
        broadcast(sum_of_row(cols, [=](auto lane, index_t i) { return lane.load(y + i) * lane.load(dy + i); }));
    each_vector(cols, [=](auto lane, index_t i) {
      lane.store(dx + i, fmadd(lane.load(y + i), lane.load(dy + i) - sum, lane.load(dx + i)));
    });
  }
}

}  // namespace petra::kernel
