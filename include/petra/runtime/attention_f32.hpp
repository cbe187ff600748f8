// float multi-head attention for short sequences, softmax fused: the scores of eight queries at a time never leave the L1
// cache.
//
// y (Q, heads W) : of every head  softmax(q k^T / sqrt(W)) v    q (Q,W), k, v (S,W) the head's columns of their matrices
//
// The matrices' rows lie q_step and kv_step floats apart, heads side by side: the three parts of one projection
// (T, 3 heads W) have q_step = kv_step = 3 heads W.
//
// `causal`: query i sees the keys 0 to i. With a `length` (runtime/steps.hpp) keys from there on are not seen, and queries from
// there on give zeros.
//
// Source: Vaswani et al., "Attention is all you need", 2017, section 3.2. Exponential: core/exp_f32.hpp. Deterministic;
// the order of summation depends on the instruction set and the shape only.
// Pre: all extents >= 1; y overlaps nothing; scratch has attention_scratch(shape) floats; with `causal` or a length, as many
// queries as keys.
#pragma once
#include "petra/runtime/layer_norm_f32.hpp"
#include "petra/runtime/softmax_f32.hpp"
#include "petra/runtime/steps.hpp"
#include "petra/runtime/transpose_words.hpp"

namespace petra::inline PETRA_ABI::rt {

struct attention_shape {
  index_t queries = 1, keys = 1, heads = 1, width = 1, q_step = 1, kv_step = 1;
  bool causal = false;
};

// Self-attention on one projection (T, 3 heads W), columns q | k | v.
constexpr attention_shape self_attention(index_t steps, index_t heads, index_t width, bool causal = false) noexcept {
  return {steps, steps, heads, width, 3 * heads * width, 3 * heads * width, causal};
}

// Queries at a time: as many sums hide the latency of a multiply-add when a head is one vector wide.
inline constexpr int attention_rows = 8;
// Vectors of scores at a time.
#if PETRA_VECTOR_BYTES == 64 || defined(__aarch64__)
inline constexpr int score_vectors = 2;
#else
inline constexpr int score_vectors = 1;
#endif

constexpr index_t padded_keys(attention_shape const& s) noexcept { return (s.keys + 31) / 32 * 32; }
// Keys of a head, transposed, and the scores of the queries at hand.
constexpr index_t attention_scratch(attention_shape const& s) noexcept {
  return (s.width + attention_rows) * padded_keys(s);
}

// kt (W, padded keys) = k^T, zeros behind.
inline void transpose_keys(attention_shape const& s, float const* k, float* kt) noexcept {
  constexpr auto bytes = static_cast<index_t>(sizeof(float));
  index_t const stride = padded_keys(s), step = s.kv_step, blocks = s.keys - s.keys % 4;
  for (index_t c = 0; c < s.width; c += 4, kt += 4 * stride) {
    index_t const n = s.width - c < 4 ? s.width - c : 4, first = n < 4 ? 0 : blocks;
    for (index_t j = 0; j < first; j += 4) transpose_words(k + j * step + c, bytes * step, kt + j, bytes * stride);
    for (index_t i = 0; i < n; ++i) {
      for (index_t j = first; j < s.keys; ++j) kt[i * stride + j] = k[j * step + c + i];
      for (index_t j = s.keys; j < stride; ++j) kt[i * stride + j] = 0;
    }
  }
}

// p (Rows, padded keys) = q . kt of the first `keys` keys
template <int Rows>
[[gnu::noinline]] void attention_scores(attention_shape const& s, index_t keys, float const* q, float const* kt,
                                        float* p) noexcept {
  index_t const stride = padded_keys(s), step = s.q_step, width = s.width;
  for (index_t j = 0; j < keys; j += score_vectors * f32_lanes) {
    f32v sum[Rows][score_vectors];
#pragma GCC unroll 64
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < score_vectors; ++v) sum[r][v] = f32v{};
    float const *key = kt + j, *in = q, *const end = q + width;
    for (; in != end; ++in, key += stride) {
      f32v k[score_vectors];
#pragma GCC unroll 4
      for (int v = 0; v < score_vectors; ++v) k[v] = load(key + v * f32_lanes);
#pragma GCC unroll 64
      for (int r = 0; r < Rows; ++r) {
        f32v const a = broadcast(in[r * step]);
#pragma GCC unroll 4
        for (int v = 0; v < score_vectors; ++v) sum[r][v] = a * k[v] + sum[r][v];
      }
    }
#pragma GCC unroll 64
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < score_vectors; ++v) store(p + r * stride + j + v * f32_lanes, sum[r][v]);
  }
}

// e = exp(scale (p - max p)) of what each row sees, in place, 0 up to `keys` where it sees nothing; factor = 1 / sum e. First
// the maxima of all rows, then all exponentials, then all sums: row by row each would wait for the one before it (64 steps,
// 4 heads: 8.2 us instead of 11.0). A function of its own so that the constants stay in registers.
template <int Rows>
[[gnu::noinline]] void attention_weights(attention_shape const& s, index_t first, index_t keys, float scale, float* p,
                                         float* factor) noexcept {
  index_t const stride = padded_keys(s), whole = (keys + f32_lanes - 1) / f32_lanes * f32_lanes;
  for (int r = 0; r < Rows; ++r)
    for (index_t j = s.causal ? first + r + 1 : keys; j < whole; ++j) p[r * stride + j] = -__builtin_inff();
  f32v shift[Rows], sum[Rows];
  for (int r = 0; r < Rows; ++r) {
    float const* const row = p + r * stride;
    f32v top = load(row);
    for (index_t j = f32_lanes; j < whole; j += f32_lanes) top = max(top, load(row + j));
    shift[r] = broadcast(-scale * max_of_lanes(top));
  }
  for (int r = 0; r < Rows; ++r) {
    float* const row = p + r * stride;
    sum[r] = f32v{};
    for (index_t j = 0; j < whole; j += f32_lanes) {
      f32v const e = elementary::exp(load(row + j) * broadcast(scale) + shift[r]);
      store(row + j, e);
      sum[r] += e;
    }
  }
  for (int r = 0; r < Rows; ++r) factor[r] = 1.f / sum_of_lanes(sum[r]);
}

// y (Rows, W) = factor (p . v) of the first `keys` keys
template <int Rows>
[[gnu::noinline]] void attention_values(attention_shape const& s, index_t keys, float const* p, float const* factor,
                                        float const* v, float* y) noexcept {
  index_t const stride = padded_keys(s), out = s.heads * s.width;
  for (index_t c = 0; c < s.width; c += f32_lanes) {
    index_t const n = s.width - c < f32_lanes ? s.width - c : f32_lanes;
    f32v sum[Rows];
#pragma GCC unroll 64
    for (int r = 0; r < Rows; ++r) sum[r] = f32v{};
    float const *value = v + c, *in = p;
    auto const add = [&](f32v row) __attribute__((always_inline)) {
#pragma GCC unroll 64
      for (int r = 0; r < Rows; ++r) sum[r] = broadcast(in[r * stride]) * row + sum[r];
      ++in;
      value += s.kv_step;
    };
    if (n == f32_lanes)
      for (index_t j = 0; j < keys; ++j) add(load(value));
    else
      for (index_t j = 0; j < keys; ++j) add(load(value, n));
#pragma GCC unroll 64
    for (int r = 0; r < Rows; ++r) store(y + r * out + c, sum[r] * broadcast(factor[r]), n);
  }
}

// Rows queries of one head, from query `first` on. What the last of them sees is computed for all; q, y: of the whole head.
template <int Rows>
inline void attend(attention_shape const& s, float scale, index_t first, float const* q, float const* kt,
                   float const* v, float* p, float* y) noexcept {
  float factor[Rows];
  index_t const keys = s.causal ? first + Rows : s.keys;
  attention_scores<Rows>(s, keys, q + first * s.q_step, kt, p);
  attention_weights<Rows>(s, first, keys, scale, p, factor);
  attention_values<Rows>(s, keys, p, factor, v, y + first * s.heads * s.width);
}

template <class Shape>
inline void attention_f32(Shape shape, float const* q, float const* k, float const* v, float* scratch, float* y,
                          float const* length = nullptr) noexcept {
  attention_shape s = shape;
  index_t const out = s.heads * s.width;
  if (length != nullptr) {
    index_t const all = s.queries;
    s.queries = s.keys = steps_that_count(all, length);
    for (index_t i = s.queries * out; i < all * out; ++i) y[i] = 0;
  }
  float const scale = 1.f / square_root(static_cast<float>(s.width));
  float* const p = scratch + s.width * padded_keys(s);
  for (index_t h = 0; h < s.heads; ++h, q += s.width, k += s.width, v += s.width, y += s.width) {
    transpose_keys(s, k, scratch);
    if (s.queries < attention_rows) {
      for (index_t i = 0; i < s.queries; ++i) attend<1>(s, scale, i, q, scratch, v, p, y);
      continue;
    }
    // The last eight are moved back onto queries that are already done: no tiles for what is left over.
    for (index_t i = 0; i < s.queries; i += attention_rows) {
      index_t const first = i + attention_rows <= s.queries ? i : s.queries - attention_rows;
      attend<attention_rows>(s, scale, first, q, scratch, v, p, y);
    }
  }
}

}  // namespace petra::rt
