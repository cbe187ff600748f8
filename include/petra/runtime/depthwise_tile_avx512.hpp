// Register tile of the int8 depthwise convolution with VPDPBUSD: vectors of 16 outputs, four taps of each channel side
// by side.
//
// Taps are taken four at a time wherever they lie: four loads of 16 inputs make one register, a permutation of bytes
// puts the four taps of a channel together, the weights lie so already (interleave_taps). 7 instructions for 64
// products, where products of 32-bit lanes take 12 and more.
#pragma once
#include "petra/runtime/conv_plan_s8.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512VBMI__)
#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace petra::inline PETRA_ABI::rt {

inline constexpr bool has_depthwise_tile = true;
inline constexpr index_t most_depthwise_taps = 64;

// A row of vectors, n of 16 lanes in use.
struct depthwise_row_s8 {
  index_t n;
  index_t step, out_step;  // bytes from one vector to the next
  index_t groups;          // of four taps
  output_grid grid;
  index_t offset[most_depthwise_taps];            // of each tap in a window; those that fill the last group are 0
  std::int8_t weights[16 * most_depthwise_taps];  // [groups][16][4], zeros where there is no tap
};

// Byte 4 c + t of a permutation by this is byte 16 t + c: four taps of 16 channels, put together.
PETRA_INLINE __m512i tap_order() noexcept {
  __m512i const quarter =
      _mm512_broadcast_i32x4(_mm_setr_epi8(0, 16, 32, 48, 1, 17, 33, 49, 2, 18, 34, 50, 3, 19, 35, 51));
  return _mm512_add_epi8(quarter, _mm512_setr_epi64(0, 0, 0x0404040404040404, 0x0404040404040404, 0x0808080808080808,
                                                    0x0808080808080808, 0x0c0c0c0c0c0c0c0c, 0x0c0c0c0c0c0c0c0c));
}

// The weights of n channels: taps rows of them, c apart -> [groups][16][4].
inline void interleave_taps(std::int8_t const* w, index_t c, index_t taps, index_t n, std::int8_t* to) noexcept {
  __m512i const order = tap_order();
  __mmask16 const k = i32x16::first(n);
  for (index_t t = 0; t < taps; t += 4, to += 64) {
    auto const tap = [&](index_t i) __attribute__((always_inline)) {
      return t + i < taps ? _mm_maskz_loadu_epi8(k, w + (t + i) * c) : _mm_setzero_si128();
    };
    __m512i four = _mm512_castsi128_si512(tap(0));
    four = _mm512_inserti32x4(_mm512_inserti32x4(_mm512_inserti32x4(four, tap(1), 1), tap(2), 2), tap(3), 3);
    _mm512_storeu_si512(to, _mm512_permutexvar_epi8(order, four));
  }
}

template <int Vectors, bool Full, class Rounding>
[[gnu::noinline]] void depthwise_tile_s8(std::int8_t const* x, depthwise_row_s8 const& r,
                                         conv_factors_s8<Rounding> const& factors, bool high, std::int8_t* y) noexcept {
  __m512i const order = tap_order();
  __m512i const sign = _mm512_set1_epi8(-128);
  __mmask16 const k = i32x16::first(r.n);
  index_t const step = r.step;
  __m512i sum[Vectors];
#pragma GCC unroll 8
  for (int i = 0; i < Vectors; ++i) sum[i] = factors.bias.v;
  for (index_t g = 0; g < r.groups; ++g) {
    index_t const* const at = r.offset + 4 * g;
    std::int8_t const *const a = x + at[0], *const b = x + at[1], *const c = x + at[2], *const d = x + at[3];
    __m512i const weight = _mm512_loadu_si512(r.weights + 64 * g);
    auto const part = [&](std::int8_t const* p) __attribute__((always_inline)) {
      return Full ? _mm_loadu_si128(reinterpret_cast<__m128i const*>(p)) : _mm_maskz_loadu_epi8(k, p);
    };
#pragma GCC unroll 8
    for (int i = 0; i < Vectors; ++i) {
      __m256i const low = _mm256_inserti128_si256(_mm256_castsi128_si256(part(a + i * step)), part(b + i * step), 1),
                    up = _mm256_inserti128_si256(_mm256_castsi128_si256(part(c + i * step)), part(d + i * step), 1);
      __m512i const four = _mm512_inserti64x4(_mm512_castsi256_si512(low), up, 1);
      __m512i const v = _mm512_xor_si512(_mm512_permutexvar_epi8(order, four), sign);
      asm("{vpdpbusd %2, %1, %0|vpdpbusd %0, %1, %2}" : "+v"(sum[i]) : "v"(v), "v"(weight));
    }
  }
  if (high) {
    __m128i const lo = _mm_set1_epi8(static_cast<std::int8_t>(r.grid.min)),
                  hi = _mm_set1_epi8(static_cast<std::int8_t>(r.grid.max));
#pragma GCC unroll 8
    for (int i = 0; i < Vectors; ++i) {
      __m128i const v = _mm_min_epi8(_mm_max_epi8(_mm512_cvtsepi32_epi8(factors.high(sum[i])), lo), hi);
      if constexpr (Full)
        _mm_storeu_si128(reinterpret_cast<__m128i*>(y + i * r.out_step), v);
      else
        _mm_mask_storeu_epi8(y + i * r.out_step, k, v);
    }
  } else {
#pragma GCC unroll 8
    for (int i = 0; i < Vectors; ++i) store(y + i * r.out_step, factors.scale({sum[i]}), r.grid, r.n);
  }
}

}  // namespace petra::rt

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#else

namespace petra::inline PETRA_ABI::rt {
inline constexpr bool has_depthwise_tile = false;
inline constexpr index_t most_depthwise_taps = 0;
template <class Rounding>
void depthwise_vectors(conv_shape const&, std::int8_t const*, std::int8_t const*, std::int32_t const*,
                       std::int32_t const*, std::int8_t const*, std::int8_t*) noexcept;
}  // namespace petra::rt
#endif
