// The widest vector of int16 of the instruction set: fixed-point arithmetic of gates.
//
// multiply(a, b)    (a b + 2^14) >> 15, exact before the shift; not both -32768
// add(a, b)         saturated
//
// power_s16(t)      2^-t
//
// `+`, `-`, `&`, shifts and comparisons are the compilers' own and wrap around. The same bits everywhere.
#pragma once
#include "petra/runtime/lanes.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace petra::inline PETRA_ABI::rt {

using s16v [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = short;
inline constexpr int s16_lanes = PETRA_VECTOR_BYTES / 2;

PETRA_INLINE s16v all_s16(int a) noexcept { return s16v{} + static_cast<short>(a); }
PETRA_INLINE s16v min(s16v a, s16v b) noexcept { return a < b ? a : b; }
PETRA_INLINE s16v max(s16v a, s16v b) noexcept { return a > b ? a : b; }

PETRA_INLINE s16v multiply(s16v a, s16v b) noexcept {
#if PETRA_VECTOR_BYTES == 64
  return (s16v)_mm512_mulhrs_epi16((__m512i)a, (__m512i)b);
#elif PETRA_VECTOR_BYTES == 32
  return (s16v)_mm256_mulhrs_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  __m128i const lo = _mm_mullo_epi16((__m128i)a, (__m128i)b), hi = _mm_mulhi_epi16((__m128i)a, (__m128i)b);
  __m128i const down = _mm_or_si128(_mm_slli_epi16(hi, 1), _mm_srli_epi16(lo, 15));
  return (s16v)_mm_add_epi16(down, _mm_and_si128(_mm_srli_epi16(lo, 14), _mm_set1_epi16(1)));
#elif defined(__aarch64__) && defined(__ARM_NEON)
  return (s16v)vqrdmulhq_s16((int16x8_t)a, (int16x8_t)b);
#else
  for (int i = 0; i < s16_lanes; ++i) a[i] = static_cast<short>((a[i] * b[i] + (1 << 14)) >> 15);
  return a;
#endif
}

PETRA_INLINE s16v add(s16v a, s16v b) noexcept {
#if PETRA_VECTOR_BYTES == 64
  return (s16v)_mm512_adds_epi16((__m512i)a, (__m512i)b);
#elif PETRA_VECTOR_BYTES == 32
  return (s16v)_mm256_adds_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (s16v)_mm_adds_epi16((__m128i)a, (__m128i)b);
#elif defined(__aarch64__) && defined(__ARM_NEON)
  return (s16v)vqaddq_s16((int16x8_t)a, (int16x8_t)b);
#else
  for (int i = 0; i < s16_lanes; ++i) {
    int const s = a[i] + b[i];
    a[i] = static_cast<short>(s < -32768 ? -32768 : s > 32767 ? 32767 : s);
  }
  return a;
#endif
}

// a >> n with a count per lane in [0, 15], a >= 0.
PETRA_INLINE s16v shift_right(s16v a, s16v n) noexcept {
#if PETRA_VECTOR_BYTES == 64
  return (s16v)_mm512_srlv_epi16((__m512i)a, (__m512i)n);
#else
  a = (n & 8) != 0 ? a >> 8 : a;
  a = (n & 4) != 0 ? a >> 4 : a;
  a = (n & 2) != 0 ? a >> 2 : a;
  return (n & 1) != 0 ? a >> 1 : a;
#endif
}

PETRA_INLINE s16v line_s16(int c, int d, s16v x) noexcept { return all_s16(c) + multiply(all_s16(d), x); }

// 2^-t of t >= 0 in units of 2^-11, in units of 2^-14: a polynomial of the fraction, in the order that is shortest in time
// (Estrin), and a shift. Absolute error 1.3e-4.
PETRA_INLINE s16v power_s16(s16v t) noexcept {
  s16v const f = (t & all_s16(2047)) << 4, f2 = multiply(f, f);
  s16v const p = line_s16(16384, -11355, f) + multiply(f2, line_s16(3923, -872, f) + multiply(f2, all_s16(112)));
  return shift_right(p, t >> 11);
}

using s32v [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = std::int32_t;

// Sums of neighbors.
PETRA_INLINE s32v add_neighbors(s16v a) noexcept {
#if PETRA_VECTOR_BYTES == 64
  return (s32v)_mm512_madd_epi16((__m512i)a, (__m512i)all_s16(1));
#elif PETRA_VECTOR_BYTES == 32
  return (s32v)_mm256_madd_epi16((__m256i)a, (__m256i)all_s16(1));
#elif defined(__SSE2__)
  return (s32v)_mm_madd_epi16((__m128i)a, (__m128i)all_s16(1));
#elif defined(__aarch64__) && defined(__ARM_NEON)
  return (s32v)vpaddlq_s16((int16x8_t)a);
#else
  s32v r;
  for (int i = 0; i < s16_lanes / 2; ++i) r[i] = a[2 * i] + a[2 * i + 1];
  return r;
#endif
}

// The first n lanes, n at least 1; nothing behind them is touched. Whole vectors without a mask: what was stored under
// one cannot be loaded before it has reached the cache.
PETRA_INLINE s16v load(std::int16_t const* p, index_t n) noexcept {
  s16v v{};
  if (n >= s16_lanes)
    __builtin_memcpy(&v, p, sizeof v);
  else
    for (index_t i = 0; i < n; ++i) v[i] = p[i];
  return v;
}
PETRA_INLINE void store(std::int16_t* p, s16v v, index_t n) noexcept {
  if (n >= s16_lanes)
    __builtin_memcpy(p, &v, sizeof v);
  else
    for (index_t i = 0; i < n; ++i) p[i] = v[i];
}

// As int8, saturated.
PETRA_INLINE void store(std::int8_t* p, s16v v, index_t n) noexcept {
  std::int8_t b[s16_lanes];
#if PETRA_VECTOR_BYTES == 64
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(n >= s16_lanes ? p : b),
                      _mm512_maskz_cvtsepi16_epi8(0xffffffff, (__m512i)v));
  if (n >= s16_lanes) return;
#else
  std::int16_t t[s16_lanes];
  __builtin_memcpy(t, &v, sizeof t);
  for (int i = 0; i < s16_lanes; ++i) b[i] = static_cast<std::int8_t>(t[i] < -128 ? -128 : t[i] > 127 ? 127 : t[i]);
  if (n >= s16_lanes) {
    __builtin_memcpy(p, b, sizeof b);
    return;
  }
#endif
  for (index_t i = 0; i < n; ++i) p[i] = b[i];
}

// p (16) = a, saturated.
PETRA_INLINE void store_s16(std::int16_t* p, i32x16 const& a) noexcept {
#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_maskz_cvtsepi32_epi16(0xffff, a.v));
#elif defined(__AVX2__)
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_permute4x64_epi64(_mm256_packs_epi32(a.lo, a.hi), 0xd8));
#else
  for (int i = 0; i < 16; ++i) {
    std::int32_t const e = a.v[i];
    p[i] = static_cast<std::int16_t>(e < -32768 ? -32768 : e > 32767 ? 32767 : e);
  }
#endif
}

}  // namespace petra::rt
