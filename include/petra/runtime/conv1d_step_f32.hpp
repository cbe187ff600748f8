// One step of a causal float convolution along time, for streams that arrive sample by sample.
//
// y (O)[n] = relu(bias + sum_t w_t x (C)[n - (taps - 1 - t) dilation])    w packed as for conv1d_f32
//
// `history` is a ring of the last history_size(shape) / C inputs, zeros at first; `position` counts round it from 0.
// The products of older inputs do not wait for x: they come first, so that an answer takes the time of one tap where
// the processor has nothing else to wait for.
// Deterministic. Pre: weights_of's; y overlaps neither history nor x.
#pragma once
#include "petra/runtime/conv1d_step_narrow.hpp"
#include "petra/runtime/conv_tile_f32.hpp"
#include "petra/runtime/output_blocks.hpp"
#include "petra/runtime/row_tiles.hpp"

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace petra::inline PETRA_ABI::rt {

// A causal layer: in.c, out.c, taps, dilation and relu are used.
constexpr index_t history_steps(conv1d_f32_shape const& s) noexcept { return (s.taps - 1) * s.dilation + 1; }
constexpr index_t history_size(conv1d_f32_shape const& s) noexcept { return history_steps(s) * s.in.c; }

inline constexpr int max_blocks_step = f32_lanes == 16 ? 4 : f32_lanes == 8 ? 2 : 1;

// As load and store of n lanes, but in whole registers of 4 or 8 where they fit: what is stored under a mask, or read
// under one, must go by way of the cache, and the next layer, or the next step, reads it at once.
#if defined(__AVX__)
PETRA_INLINE f32v load_whole(float const* x, index_t n) noexcept {
  if (n >= f32_lanes) return load(x);
#if PETRA_VECTOR_BYTES == 64
  if (n == 8) return reinterpret_cast<f32v>(_mm512_zextps256_ps512(_mm256_loadu_ps(x)));
  if (n == 4) return reinterpret_cast<f32v>(_mm512_zextps128_ps512(_mm_loadu_ps(x)));
#else
  if (n == 4) return reinterpret_cast<f32v>(_mm256_zextps128_ps256(_mm_loadu_ps(x)));
#endif
  return load(x, n);
}
PETRA_INLINE void store_whole(float* y, f32v v, index_t n) noexcept {
  if (n >= f32_lanes) return store(y, v);
#if PETRA_VECTOR_BYTES == 64
  if (n == 8) return _mm256_storeu_ps(y, _mm512_castps512_ps256(reinterpret_cast<__m512>(v)));
  if (n == 4) return _mm_storeu_ps(y, _mm512_castps512_ps128(reinterpret_cast<__m512>(v)));
#else
  if (n == 4) return _mm_storeu_ps(y, _mm256_castps256_ps128(reinterpret_cast<__m256>(v)));
#endif
  store(y, v, n);
}
// Four inputs, each in all lanes of a register: one load and four shuffles inside quarters, not four loads; a step is
// bound by loads.
PETRA_INLINE void broadcast_four(float const* x, f32v (&v)[4]) noexcept {
#if PETRA_VECTOR_BYTES == 64
  __m512 const q = _mm512_broadcast_f32x4(_mm_loadu_ps(x));
  v[0] = reinterpret_cast<f32v>(_mm512_permute_ps(q, 0x00)), v[1] = reinterpret_cast<f32v>(_mm512_permute_ps(q, 0x55));
  v[2] = reinterpret_cast<f32v>(_mm512_permute_ps(q, 0xaa)), v[3] = reinterpret_cast<f32v>(_mm512_permute_ps(q, 0xff));
#else
  __m256 const q = _mm256_broadcast_ps(reinterpret_cast<__m128 const*>(x));
  v[0] = reinterpret_cast<f32v>(_mm256_permute_ps(q, 0x00)), v[1] = reinterpret_cast<f32v>(_mm256_permute_ps(q, 0x55));
  v[2] = reinterpret_cast<f32v>(_mm256_permute_ps(q, 0xaa)), v[3] = reinterpret_cast<f32v>(_mm256_permute_ps(q, 0xff));
#endif
}
#else
PETRA_INLINE void broadcast_four(float const* x, f32v (&v)[4]) noexcept {
  for (int i = 0; i < 4; ++i) v[i] = broadcast(x[i]);
}
PETRA_INLINE f32v load_whole(float const* x, index_t n) noexcept { return n >= f32_lanes ? load(x) : load(x, n); }
PETRA_INLINE void store_whole(float* y, f32v v, index_t n) noexcept { store(y, v, n); }
#endif

// sum[i % ways] += x (n) . w; `left` weights to the end of the last block's array.
template <int Blocks, int Ways>
PETRA_INLINE void add_inputs(float const* x, index_t n, float const* w, index_t block, float const* tail, index_t last,
                             index_t left, f32v (&sum)[Ways][Blocks * vectors_per_block]) noexcept {
  constexpr int vectors = Blocks * vectors_per_block;
  auto const one = [&](int i, index_t k, f32v v) __attribute__((always_inline)) {
#pragma GCC unroll 64
    for (int j = 0; j + vectors_per_block < vectors; ++j)
      sum[i][j] = v * load(w + j / vectors_per_block * block + j % vectors_per_block * f32_lanes + 16 * k) + sum[i][j];
    f32v weight[vectors_per_block];
    if constexpr (Blocks == 1)
#pragma GCC unroll 64
      for (int j = 0; j < vectors_per_block; ++j)
        weight[j] = last > j * f32_lanes ? load_whole(tail + k * last + j * f32_lanes, last - j * f32_lanes) : f32v{};
    else
      load_weights(tail + k * last, last, left - k * last, weight);
#pragma GCC unroll 64
    for (int j = 0; j < vectors_per_block; ++j) {
      f32v& s = sum[i][vectors - vectors_per_block + j];
      s = v * weight[j] + s;
    }
  };
  index_t k = 0;
  for (; k + 4 <= n; k += 4) {
    f32v v[4];
    broadcast_four(x + k, v);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) one(i % Ways, k + i, v[i]);
  }
  for (index_t rest = n % 4; rest > 0; --rest, ++k) one(0, k, broadcast(x[k]));
}

template <int Blocks, class Shape>
PETRA_INLINE void step_blocks(Shape shape, index_t first, index_t last, float const* x, float const* w,
                              float const* bias, float const* history, index_t position, float* y) noexcept {
  constexpr int vectors = Blocks * vectors_per_block, ways = vectors <= 2 ? 4 : 2;
  conv1d_f32_shape const s = shape;
  index_t const c = s.in.c, inputs = s.taps * c, steps = history_steps(s), block = inputs * 16;
  f32v sum[ways][vectors] = {};
#pragma GCC unroll 64
  for (int j = 0; j < vectors; ++j) {
    index_t const at = j * f32_lanes, n = 16 * (Blocks - 1) + last - at;
    if (n > 0) sum[0][j] = load(bias + first + at, n < f32_lanes ? n : f32_lanes);
  }
  w += first * inputs;
  float const* tail = w + (Blocks - 1) * block;
  index_t left = inputs * last, at = position + 1 == steps ? 0 : position + 1;  // the oldest input
  for (index_t t = 0; t + 1 < s.taps; ++t) {
    add_inputs<Blocks>(history + at * c, c, w, block, tail, last, left, sum);
    at += s.dilation;
    if (at >= steps) at -= steps;
    w += 16 * c, tail += last * c, left -= last * c;
  }
  add_inputs<Blocks>(x, c, w, block, tail, last, left, sum);
#pragma GCC unroll 64
  for (int j = 0; j < vectors; ++j) {
    if constexpr (ways == 4)
      sum[0][j] = (sum[0][j] + sum[1][j]) + (sum[2][j] + sum[3][j]);
    else
      sum[0][j] += sum[1][j];
  }
#pragma GCC unroll 64
  for (int j = 0; j < vectors; ++j)
    if (index_t const n = 16 * (Blocks - 1) + last - j * f32_lanes; n > 0)
      store_whole(y + first + j * f32_lanes, s.relu ? max(sum[0][j], f32v{}) : sum[0][j], n);
}

template <class Shape>
inline void wide_step(Shape shape, float const* x, float const* w, float const* bias, float* history, index_t& position,
                      float* y) noexcept {
  conv1d_f32_shape const s = shape;
  for_output_blocks<max_blocks_step>(shape, s.out.c, [&](auto blocks, index_t first, index_t last) {
    step_blocks<decltype(blocks)::value>(shape, first, last, x, w, bias, history, position, y);
  });
  float* const kept = history + position * s.in.c;
  for (index_t i = 0; i < s.in.c; i += f32_lanes) store_whole(kept + i, load_whole(x + i, s.in.c - i), s.in.c - i);
  position = position + 1 == history_steps(s) ? 0 : position + 1;
}

template <class Shape>
PETRA_INLINE void conv1d_step_f32(Shape shape, float const* x, float const* w, float const* bias, float* history,
                                  index_t& position, float* y) noexcept {
  constexpr bool narrow = [] {
    if constexpr (is_fixed<Shape>)
      return has_narrow_step(Shape::value);
    else
      return false;
  }();
  if constexpr (narrow)
    narrow_step(shape, x, w, bias, history, position, y);
  else
    wide_step(shape, x, w, bias, history, position, y);
}

}  // namespace petra::rt
