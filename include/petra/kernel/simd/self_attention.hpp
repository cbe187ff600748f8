// Multi-head self-attention of one sequence of floats in training, and its gradient: matrix products and rows of softmax, of
// one head at a time, whose scores stay in the caches.
//
// The exponential is that of the kernels that ship (core/exp_f32.hpp). Deterministic: the order of summation depends on
// shape and instruction set only.
// Cost: 4 T^2 W operations a head forward, 8 T^2 W backward.
#pragma once
#include "petra/kernel/reference/self_attention.hpp"
#include "petra/kernel/simd/gemm.hpp"
#include "petra/kernel/simd/softmax.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

// s (n): scores -> exp(scale (s - max)) / sum, zeros behind up to `all`.
PETRA_INLINE void scaled_softmax(index_t n, index_t all, float scale, float* s) {
  vector const top = broadcast(max_of_row(s, n)), factor = broadcast(scale);
  float const sum = sum_of_row(n, [=](auto lane, index_t i) {
    vector const e = wrapped(elementary::exp(plain((lane.load(s + i) - top) * factor)));
    lane.store(s + i, e);
    return e;
  });
  vector const share = broadcast(1.f / sum);
  each_vector(n, [=](auto lane, index_t i) { lane.store(s + i, lane.load(s + i) * share); });
  std::fill_n(s + n, all - n, 0.f);
}

// dp (n) -> scale p (dp - sum p dp), zeros behind up to `all`.
PETRA_INLINE void scaled_softmax_backward(index_t n, index_t all, float scale, float const* p, float* dp) {
  vector const factor = broadcast(scale),
               sum =
                   broadcast(sum_of_row(n, [=](auto lane, index_t i) { return lane.load(p + i) * lane.load(dp + i); }));
  each_vector(n,
              [=](auto lane, index_t i) { lane.store(dp + i, lane.load(p + i) * factor * (lane.load(dp + i) - sum)); });
  std::fill_n(dp + n, all - n, 0.f);
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
    gemm(tag, {t, t, w}, qkv, row, one, qkv + part, one, row, p, t, false, scratch);
    for (index_t i = 0; i < t; ++i) simd::scaled_softmax(d.seen(i), t, scale, p + i * t);
    gemm(tag, {t, w, t}, p, t, one, qkv + 2 * part, row, one, y, part, false, scratch);
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
    gemm(tag, {t, t, w}, dy, part, one, qkv + 2 * part, one, row, ds, t, false, scratch);
    for (index_t i = 0; i < t; ++i) simd::scaled_softmax_backward(d.seen(i), t, scale, p + i * t, ds + i * t);
    gemm(tag, {t, w, t}, ds, t, one, qkv + part, row, one, dqkv, row, accumulate, scratch);     // queries
    gemm(tag, {t, w, t}, ds, one, t, qkv, row, one, dqkv + part, row, accumulate, scratch);     // keys
    gemm(tag, {t, w, t}, p, one, t, dy, part, one, dqkv + 2 * part, row, accumulate, scratch);  // values
  }
}

}  // namespace petra::kernel
