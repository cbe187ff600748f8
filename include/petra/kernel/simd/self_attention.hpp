// Multi-head self-attention of one sequence of floats in training, and its gradient: matrix products and columns of softmax, of
// one head at a time, whose scores stay in the caches.
//
// Queries lie along the lanes: the largest score, the sum and the products with them are vectors, and nothing is folded across
// lanes. Sixty-four steps, four heads of sixteen (Zen 5, AVX-512): a query's keys along the lanes took twice as long.
// The exponential is that of the kernels that ship (core/exp_f32.hpp). Deterministic: the order of summation depends on
// shape and instruction set only.
// Cost: 4 T^2 W operations a head forward, 8 T^2 W backward.
#pragma once
#include "petra/kernel/reference/self_attention.hpp"
#include "petra/kernel/simd/gemm.hpp"
#include "petra/kernel/simd/softmax.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

// s (T,T), one column a query: scores -> exp(scale (s - max)) / sum over the keys that the query sees, zeros for the others.
[[gnu::noinline]] inline void scaled_softmax(self_attention_dims const& d, float scale, float* s) {
  index_t const t = d.steps;
  bool const causal = d.causal;
  each_vector_rolled(t, [=](auto lane, index_t i) {
    // Keys that all lanes see, and those that some do.
    index_t const all = causal ? i + 1 : t, some = causal ? std::min(i + lanes, t) : t;
    float* const column = s + i;
    auto const score = [=](index_t j) __attribute__((always_inline)) { return lane.load(column + j * t); };
    vector tops[4] = {score(0), score(0), score(0), score(0)};
    index_t j = 0;
    for (; all - j >= 4; j += 4)
#pragma GCC unroll 4
      for (index_t k = 0; k < 4; ++k) tops[k] = larger(tops[k], score(j + k));
    for (; j < some; ++j) {
      vector const v = score(j);
      tops[0] = larger(tops[0], j < all ? v : replace_rest(tops[0], j - i, v));
    }
    vector const top = larger(larger(tops[0], tops[1]), larger(tops[2], tops[3])), factor = broadcast(scale);
    vector sum = zero();
    for (j = 0; j < some; ++j) {
      vector e = wrapped(elementary::exp(plain((score(j) - top) * factor)));
      if (j >= all) e = replace_rest(zero(), j - i, e);
      sum += e;
      lane.store(column + j * t, e);
    }
    vector const share = broadcast(1.f) / sum;
    for (j = 0; j < some; ++j) lane.store(column + j * t, score(j) * share);
    for (; j < t; ++j) lane.store(column + j * t, zero());
  });
}

// dp (T,T) -> scale p (dp - sum of p dp), both one column a query.
[[gnu::noinline]] inline void scaled_softmax_backward(self_attention_dims const& d, float scale, float const* p,
                                                      float* dp) {
  index_t const t = d.steps;
  bool const causal = d.causal;
  each_vector_rolled(t, [=](auto lane, index_t i) {
    index_t const some = causal ? std::min(i + lanes, t) : t;
    vector const factor = broadcast(scale), sum = sum_rows(
                                                0, some, [=](index_t j) __attribute__((always_inline)) {
                                                  return lane.load(p + j * t + i) * lane.load(dp + j * t + i);
                                                });
    index_t j = 0;
    for (; j < some; ++j) {
      index_t const at = j * t + i;
      lane.store(dp + at, lane.load(p + at) * factor * (lane.load(dp + at) - sum));
    }
    for (; j < t; ++j) lane.store(dp + j * t + i, zero());
  });
}

}  // namespace simd

// See the reference.
template <class = void>
inline void self_attention(simd_tag tag, self_attention_dims const& d, float const* qkv, float* p, float* y,
                           workspace& scratch) {
  index_t const row = d.qkv_row(), part = d.y_row(), t = d.steps, w = d.width, one = 1;
  if (t == 0) return;
  float const scale = 1.f / std::sqrt(static_cast<float>(w));
  for (index_t h = 0; h < d.heads; ++h, qkv += w, y += w, p += t * t) {
    gemm(tag, {t, t, w}, qkv + part, row, one, qkv, one, row, p, t, false, scratch);
    simd::scaled_softmax(d, scale, p);
    gemm(tag, {t, w, t}, p, one, t, qkv + 2 * part, row, one, y, part, false, scratch);
  }
}

// See the reference.
template <class = void>
inline void self_attention_backward(simd_tag tag, self_attention_dims const& d, float const* qkv, float const* p,
                                    float const* dy, float* dqkv, bool accumulate, workspace& scratch) {
  workspace::scope const release(scratch);
  index_t const row = d.qkv_row(), part = d.y_row(), t = d.steps, w = d.width, one = 1;
  if (t == 0) return;
  float const scale = 1.f / std::sqrt(static_cast<float>(w));
  float* const ds = scratch.take<float>(t * t);
  for (index_t h = 0; h < d.heads; ++h, qkv += w, dqkv += w, dy += w, p += t * t) {
    gemm(tag, {t, t, w}, qkv + 2 * part, row, one, dy, one, part, ds, t, false, scratch);
    simd::scaled_softmax_backward(d, scale, p, ds);
    gemm(tag, {t, w, t}, ds, one, t, qkv + part, row, one, dqkv, row, accumulate, scratch);     // queries
    gemm(tag, {t, w, t}, ds, t, one, qkv, row, one, dqkv + part, row, accumulate, scratch);     // keys
    gemm(tag, {t, w, t}, p, t, one, dy, part, one, dqkv + 2 * part, row, accumulate, scratch);  // values
  }
}

}  // namespace petra::kernel
