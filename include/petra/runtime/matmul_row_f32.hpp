// One row of a float matrix product, y (N) = f(x (K) . w (K,N) + bias): no tile, every weight is used once.
//
// Packed (matmul_shape.hpp): loads limit it, so a vector of weights meets four inputs at once. Eight blocks are read
// side by side, which costs nothing in L1; of 128 x 128, which is a third larger than L1, more then stays there (240
// ns, with two or four blocks 350 and 270, one after the other 400). From L2 one stream is fastest: 256 x 256 1.6 us,
// by eight 2.2.
// Unpacked: blocks of columns as wide as the registers allow, so that each row of w gives a long run: 256 x 256 reaches
// 84 GFLOP/s on Zen 5, which is what L2 delivers; blocks of four vectors 57.
#pragma once
#include "petra/runtime/matmul_tile_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

// Vectors that hold the 4 x 4 weights of four inputs and four outputs, and inputs per vector.
inline constexpr int quad_vectors = 16 / f32_lanes;
inline constexpr int quad_inputs = f32_lanes / 4;

// Each of the first quad_inputs numbers of x four times.
PETRA_INLINE f32v repeat_inputs(float const* x) noexcept {
#if PETRA_VECTOR_BYTES == 64
  __m512i const which = _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
  return reinterpret_cast<f32v>(
      _mm512_maskz_permutevar_ps(0xffff, _mm512_maskz_broadcast_f32x4(0xffff, _mm_loadu_ps(x)), which));
#elif PETRA_VECTOR_BYTES == 32
  return f32v{x[0], x[0], x[0], x[0], x[1], x[1], x[1], x[1]};
#else
  return broadcast(x[0]);
#endif
}

// Number I of each group of four, four times.
template <int I>
PETRA_INLINE f32v repeat_one_of_four(f32v v) noexcept {
#if PETRA_VECTOR_BYTES == 64
  return __builtin_shufflevector(v, v, I, I, I, I, 4 + I, 4 + I, 4 + I, 4 + I, 8 + I, 8 + I, 8 + I, 8 + I, 12 + I,
                                 12 + I, 12 + I, 12 + I);
#elif PETRA_VECTOR_BYTES == 32
  return __builtin_shufflevector(v, v, I, I, I, I, 4 + I, 4 + I, 4 + I, 4 + I);
#else
  return __builtin_shufflevector(v, v, I, I, I, I);
#endif
}

// Sums of a vector's groups of four: element i is v[i] + v[4 + i] + ...
using f32x4 [[gnu::vector_size(16)]] = float;
PETRA_INLINE f32x4 fold(f32v v) noexcept {
  f32x4 part[quad_inputs];
  __builtin_memcpy(part, &v, sizeof v);
#pragma GCC unroll 4
  for (int n = quad_inputs / 2; n > 0; n /= 2)
#pragma GCC unroll 4
    for (int i = 0; i < n; ++i) part[i] += part[i + n];
  return part[0];
}

#if PETRA_VECTOR_BYTES == 64
// Four of the eight groups of four floats in a and b.
template <int A, int B, int C, int D>
PETRA_INLINE f32v quads(f32v a, f32v b) noexcept {
  return __builtin_shufflevector(a, b, 4 * A, 4 * A + 1, 4 * A + 2, 4 * A + 3, 4 * B, 4 * B + 1, 4 * B + 2, 4 * B + 3,
                                 4 * C, 4 * C + 1, 4 * C + 2, 4 * C + 3, 4 * D, 4 * D + 1, 4 * D + 2, 4 * D + 3);
}
#endif

// y (n) = f(sums + bias), four outputs in each of Groups sums.
template <int Groups>
PETRA_INLINE void store_groups(f32v const (&sum)[Groups], matmul_shape::activation f, float const* bias, float* y,
                               index_t n) noexcept {
  alignas(64) float out[4 * Groups < f32_lanes ? f32_lanes : 4 * Groups];
#if PETRA_VECTOR_BYTES == 64
  if constexpr (Groups % 4 == 0) {
#pragma GCC unroll 4
    for (int g = 0; g < Groups; g += 4) {
      f32v const a = quads<0, 1, 4, 5>(sum[g], sum[g + 1]) + quads<2, 3, 6, 7>(sum[g], sum[g + 1]);
      f32v const b = quads<0, 1, 4, 5>(sum[g + 2], sum[g + 3]) + quads<2, 3, 6, 7>(sum[g + 2], sum[g + 3]);
      f32v v = quads<0, 2, 4, 6>(a, b) + quads<1, 3, 5, 7>(a, b);
      index_t const left = n - 4 * g;
      if (left >= 16) {
        if (bias != nullptr) v += load(bias + 4 * g);
        store(y + 4 * g, activate(f, v));
      } else if (left > 0) {
        if (bias != nullptr) v += load(bias + 4 * g, left);
        store(y + 4 * g, activate(f, v), left);
      }
    }
    return;
  }
#endif
#pragma GCC unroll 16
  for (int g = 0; g < Groups; ++g) {
    f32x4 const v = fold(sum[g]);
    __builtin_memcpy(out + 4 * g, &v, sizeof v);
  }
  for (index_t i = 0; i < n; i += f32_lanes) {
    index_t const left = n - i < f32_lanes ? n - i : f32_lanes;
    f32v v = load(out + i, left);
    if (bias != nullptr) v += load(bias + i, left);
    store(y + i, activate(f, v), left);
  }
}

// Groups of four outputs that have sums at the same time.
#if PETRA_VECTOR_BYTES == 64 || defined(__aarch64__)
inline constexpr int most_row_groups = 16;
#else
inline constexpr int most_row_groups = 8;
#endif

// 4 * Groups packed outputs, the first n of which exist. `far`: weights from one block of eight outputs to the next.
// Few groups take several sums each, so that the latency of a multiply-add does not decide. Literal: all extents are.
template <int Groups, bool Literal>
PETRA_INLINE void row_block(index_t k, matmul_shape::activation f, float const* x, float const* w, index_t far,
                            float const* bias, float* y, index_t n) noexcept {
  constexpr int ways = Groups >= 4 ? 1 : 4 / Groups, of_block = Groups < 2 ? 1 : 2;
  f32v sum[ways][Groups] = {};
  constexpr int blocks = Groups / of_block;
  float const* from[blocks];
#pragma GCC unroll 8
  for (int b = 0; b < blocks; ++b) from[b] = w + b * far;
  auto const add = [&](int way, index_t at, f32v v) __attribute__((always_inline)) {
#pragma GCC unroll 16
    for (int g = 0; g < Groups; ++g) sum[way][g] = v * load(from[g / of_block] + g % of_block * 16 + at) + sum[way][g];
  };
  auto const advance = [&](index_t quads) __attribute__((always_inline)) {
#pragma GCC unroll 8
    for (int b = 0; b < blocks; ++b) {
      from[b] += quads * 16 * of_block;
      if constexpr (!Literal) asm("" : "+r"(from[b]));  // else g++ 12 makes twice as many registers of them
    }
  };
  auto const quad = [&](float const* in) __attribute__((always_inline)) {
#pragma GCC unroll 4
    for (int q = 0; q < quad_vectors; ++q) add(0, q * f32_lanes, repeat_inputs(in + q * quad_inputs));
    advance(1);
  };
  index_t i = 0;
  for (; i + 16 <= k; i += 16) {
    f32v in[quad_vectors];
#pragma GCC unroll 4
    for (int q = 0; q < quad_vectors; ++q) in[q] = load(x + i + q * f32_lanes);
#if PETRA_VECTOR_BYTES == 64
    asm("" : "+v"(in[0]));  // loaded once: g++ 12 reads memory in each of the four permutations
#endif
    auto const one = [&](auto which) __attribute__((always_inline)) {
      constexpr int number = decltype(which)::value;
#pragma GCC unroll 4
      for (int q = 0; q < quad_vectors; ++q)
        add(number % ways, number * 16 * of_block + q * f32_lanes, repeat_one_of_four<number>(in[q]));
    };
    one(fixed<0>{}), one(fixed<1>{}), one(fixed<2>{}), one(fixed<3>{});
    advance(4);
  }
  for (; i + 4 <= k; i += 4) quad(x + i);
  if (i < k) {
    float last[4] = {};
    for (index_t j = 0; i + j < k; ++j) last[j] = x[i + j];
    quad(last);
  }
#pragma GCC unroll 4
  for (int way = 1; way < ways; ++way)
#pragma GCC unroll 16
    for (int g = 0; g < Groups; ++g) sum[0][g] += sum[way][g];
  store_groups(sum[0], f, bias, y, n);
}

// More weights than these are read block by block (the head of this file says why).
inline constexpr index_t most_parallel_weights = 20 * 1024;

template <int Groups>
[[gnu::noinline]] void row_block_call(index_t k, matmul_shape::activation f, float const* x, float const* w,
                                      index_t far, float const* bias, float* y, index_t n) noexcept {
  row_block<Groups, false>(k, f, x, w, far, bias, y, n);
}

template <bool Inlined>
PETRA_INLINE void matmul_packed_row(matmul_shape const& s, float const* x, float const* w, float const* bias,
                                    float* y) noexcept {
  index_t const quad_weights = (s.k + 3) / 4 * 16;  // of four outputs
  auto const block = [&](auto groups, index_t j) __attribute__((always_inline)) {
    constexpr int count = decltype(groups)::value;
    index_t const left = s.n - j < 4 * count ? s.n - j : 4 * count;
    constexpr auto run = [] {
      if constexpr (Inlined) return [](auto... a) __attribute__((always_inline)) {
          row_block<count, true>(a...);
        };
      else
        return row_block_call<count>;
    }();
    run(s.k, s.f, x, w + j / 4 * quad_weights, 2 * quad_weights, bias == nullptr ? nullptr : bias + j, y + j, left);
  };
  index_t j = 0, left = (s.n + 3) / 4 * 4;
  if constexpr (!Inlined)
    if (packed_size(s) > most_parallel_weights)
      for (; left >= 8; left -= 8, j += 8) block(fixed<2>{}, j);
  if constexpr (most_row_groups == 16)
    for (; left >= 64; left -= 64, j += 64) block(fixed<16>{}, j);
  for (; left >= 32; left -= 32, j += 32) block(fixed<8>{}, j);
  if (left >= 16) block(fixed<4>{}, j), left -= 16, j += 16;
  if (left >= 8) block(fixed<2>{}, j), left -= 8, j += 8;
  if (left >= 4) block(fixed<1>{}, j);
}

// Unpacked: Vectors of columns, Ways independent sums of each.
template <int Vectors, int Ways>
PETRA_INLINE void column_block(matmul_shape const& s, float const* x, float const* w, float const* bias, float* y,
                               index_t last) noexcept {
  f32v sum[Ways][Vectors] = {};
  index_t const step = s.w_step();
  index_t left = (s.k - 1) * step + last;
  auto const add = [&](int way, index_t k, bool whole) __attribute__((always_inline)) {
    f32v const v = broadcast(x[k]);
#pragma GCC unroll 16
    for (int j = 0; j < Vectors; ++j) {
      float const* const from = w + j * f32_lanes;
      sum[way][j] = v * (whole || j < Vectors - 1 ? load(from) : load_last(from, last, left)) + sum[way][j];
    }
    w += step;
    left -= step;
  };
  auto const run = [&](bool whole) __attribute__((always_inline)) {
    index_t k = 0;
    for (; k + Ways <= s.k; k += Ways)
#pragma GCC unroll 8
      for (int way = 0; way < Ways; ++way) add(way, k + way, whole);
    for (; k < s.k; ++k) add(0, k, whole);
  };
  if (last == f32_lanes)
    run(true);
  else
    run(false);
#pragma GCC unroll 16
  for (int j = 0; j < Vectors; ++j) {
    f32v v = sum[0][j];
#pragma GCC unroll 8
    for (int way = 1; way < Ways; ++way) v += sum[way][j];
    index_t const n = j < Vectors - 1 ? f32_lanes : last;
    if (n == f32_lanes) {
      if (bias != nullptr) v += load(bias + j * f32_lanes);
      store(y + j * f32_lanes, activate(s.f, v));
    } else {
      if (bias != nullptr) v += load(bias + j * f32_lanes, n);
      store(y + j * f32_lanes, activate(s.f, v), n);
    }
  }
}

PETRA_INLINE void matmul_plain_row(matmul_shape const& s, float const* x, float const* w, float const* bias,
                                   float* y) noexcept {
  constexpr int wide = f32_lanes == 16 ? 16 : 8;
  index_t j = 0;
  auto const at = [&](index_t i) __attribute__((always_inline)) { return bias == nullptr ? nullptr : bias + i; };
  for (; s.n - j >= wide * f32_lanes; j += wide * f32_lanes)
    column_block<wide, 1>(s, x, w + j, at(j), y + j, f32_lanes);
  for (; s.n - j >= 4 * f32_lanes; j += 4 * f32_lanes) column_block<4, 2>(s, x, w + j, at(j), y + j, f32_lanes);
  for (; j < s.n; j += f32_lanes)
    column_block<1, 4>(s, x, w + j, at(j), y + j, s.n - j < f32_lanes ? s.n - j : f32_lanes);
}

}  // namespace petra::rt
