// Sums of products of int8 weights and four inputs each, wherever there is no AVX-512 VNNI: what the register tiles of
// the int8 matrix product are made of. None saturates.
//
// dot_sums                   a register of sums: `dot_outputs` outputs, one or two partial sums each
// dot_input, prepare         inputs as the instructions take them, made once for all outputs; `dot_copies` bytes or
//                            words an input
// no_dots, add_dots          sum = 0; sum += weights . four inputs
// load_dots(w, n)            the weights of the next outputs, four each; reads those of n outputs and no more
// put_dots(a, b, to)         to (2 dot_outputs) = the sums of two registers
//                            On x86 the additions stay in order: g++ 12 would load all inputs of a step first and keep
//                            half of the sums in memory
// signed_dots                the inputs are x, not x + 128, as the instructions are signed times signed; the difference,
//                            128 * sum of weights, is added once per output
#pragma once
#include "petra/runtime/pair_sums.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#elif defined(__AVXVNNI__)
#include <immintrin.h>

namespace petra::inline PETRA_ABI::rt {

// VPDPBUSD on 256 bits: bytes made unsigned, eight outputs.
using dot_sums = __m256i;
using dot_input = std::uint8_t;
inline constexpr int dot_outputs = 8, dot_copies = 1;
inline constexpr bool signed_dots = false;

PETRA_INLINE void prepare(std::int8_t const* x, dot_input* to) noexcept {
  __m128i const v = _mm_loadu_si128(reinterpret_cast<__m128i const*>(x));
  _mm_store_si128(reinterpret_cast<__m128i*>(to), _mm_xor_si128(v, _mm_set1_epi8(-128)));
}
PETRA_INLINE __m256i load_input(dot_input const* p) noexcept {
  return _mm256_set1_epi32(static_cast<std::int32_t>(load_four(reinterpret_cast<std::int8_t const*>(p))));
}
PETRA_INLINE __m256i no_dots() noexcept { return _mm256_setzero_si256(); }
PETRA_INLINE __m256i load_dots(std::int8_t const* w, index_t n) noexcept {
  if (n >= 8) return _mm256_loadu_si256(reinterpret_cast<__m256i const*>(w));
  __m256i const lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_maskload_epi32(reinterpret_cast<int const*>(w),
                               _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<std::int32_t>(n)), lanes));
}
PETRA_INLINE __m256i add_dots(__m256i sum, __m256i x, __m256i w) noexcept { return _mm256_dpbusd_avx_epi32(sum, x, w); }
PETRA_INLINE void put_dots(__m256i a, __m256i b, std::int32_t* to) noexcept {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), a);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 8), b);
}

}  // namespace petra::rt

#elif defined(__AVX512BW__) && defined(__AVX512F__)
#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace petra::inline PETRA_ABI::rt {

// VPMADDWD on 512 bits: words, eight outputs of two sums.
using dot_sums = __m512i;
using dot_input = std::int16_t;
inline constexpr int dot_outputs = 8, dot_copies = 1;
inline constexpr bool signed_dots = false;

PETRA_INLINE void prepare(std::int8_t const* x, dot_input* to) noexcept {
  __m128i const v = _mm_loadu_si128(reinterpret_cast<__m128i const*>(x));
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), _mm256_cvtepu8_epi16(_mm_xor_si128(v, _mm_set1_epi8(-128))));
}
PETRA_INLINE __m512i load_input(dot_input const* p) noexcept {
  return _mm512_broadcastq_epi64(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(p)));
}
PETRA_INLINE __m512i no_dots() noexcept { return _mm512_setzero_si512(); }
PETRA_INLINE __m512i load_dots(std::int8_t const* w, index_t n) noexcept {
  if (n >= 8) return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(w)));
  __m256i const lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm512_cvtepi8_epi16(_mm256_maskload_epi32(
      reinterpret_cast<int const*>(w), _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<std::int32_t>(n)), lanes)));
}
PETRA_INLINE __m512i add_dots(__m512i sum, __m512i x, __m512i w) noexcept {
  __m512i r = _mm512_add_epi32(sum, _mm512_madd_epi16(x, w));
  asm volatile("" : "+v"(r));
  return r;
}
PETRA_INLINE void put_dots(__m512i a, __m512i b, std::int32_t* to) noexcept {
  __m512i const even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30),
                odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  _mm512_storeu_si512(to,
                      _mm512_add_epi32(_mm512_permutex2var_epi32(a, even, b), _mm512_permutex2var_epi32(a, odd, b)));
}

}  // namespace petra::rt

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#elif defined(__AVX2__)

namespace petra::inline PETRA_ABI::rt {

// VPMADDWD on 256 bits: words, four outputs of two sums.
using dot_sums = __m256i;
using dot_input = std::int16_t;
inline constexpr int dot_outputs = pair_outputs, dot_copies = 1;
inline constexpr bool signed_dots = false;

PETRA_INLINE void prepare(std::int8_t const* x, dot_input* to) noexcept {
  __m128i const v = _mm_loadu_si128(reinterpret_cast<__m128i const*>(x));
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), _mm256_cvtepu8_epi16(_mm_xor_si128(v, _mm_set1_epi8(-128))));
}
PETRA_INLINE __m256i load_input(dot_input const* p) noexcept {
  return _mm256_broadcastq_epi64(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(p)));
}
PETRA_INLINE __m256i no_dots() noexcept { return no_pairs(); }
PETRA_INLINE __m256i load_dots(std::int8_t const* w, index_t n) noexcept { return load_pairs(w, n); }
PETRA_INLINE __m256i add_dots(__m256i sum, __m256i x, __m256i w) noexcept {
  __m256i r = add_pairs(sum, x, w);
  asm volatile("" : "+x"(r));
  return r;
}
PETRA_INLINE void put_dots(__m256i a, __m256i b, std::int32_t* to) noexcept {
  // Adding neighbors works inside 128-bit halves: outputs 0 1 4 5 | 2 3 6 7, put in order by 64-bit words.
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_permute4x64_epi64(_mm256_hadd_epi32(a, b), 0xd8));
}

}  // namespace petra::rt

#elif defined(__SSE2__)

namespace petra::inline PETRA_ABI::rt {

// PMADDWD on 128 bits: words, two outputs of two sums. Four inputs are kept twice, so that a load is all they take.
using dot_sums = __m128i;
using dot_input = std::int16_t;
inline constexpr int dot_outputs = pair_outputs, dot_copies = 2;
inline constexpr bool signed_dots = false;

PETRA_INLINE void prepare(std::int8_t const* x, dot_input* to) noexcept {
  __m128i const v = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<__m128i const*>(x)), _mm_set1_epi8(-128));
  __m128i const lo = _mm_unpacklo_epi8(v, _mm_setzero_si128()), hi = _mm_unpackhi_epi8(v, _mm_setzero_si128());
  auto* const p = reinterpret_cast<__m128i*>(to);
  _mm_store_si128(p, _mm_unpacklo_epi64(lo, lo));
  _mm_store_si128(p + 1, _mm_unpackhi_epi64(lo, lo));
  _mm_store_si128(p + 2, _mm_unpacklo_epi64(hi, hi));
  _mm_store_si128(p + 3, _mm_unpackhi_epi64(hi, hi));
}
PETRA_INLINE __m128i load_input(dot_input const* p) noexcept {
  return _mm_load_si128(reinterpret_cast<__m128i const*>(p));
}
PETRA_INLINE __m128i no_dots() noexcept { return no_pairs(); }
PETRA_INLINE __m128i load_dots(std::int8_t const* w, index_t n) noexcept { return load_pairs(w, n); }
PETRA_INLINE __m128i add_dots(__m128i sum, __m128i x, __m128i w) noexcept {
  __m128i r = add_pairs(sum, x, w);
  asm volatile("" : "+x"(r));
  return r;
}
PETRA_INLINE void put_dots(__m128i a, __m128i b, std::int32_t* to) noexcept {
  __m128 const p = _mm_castsi128_ps(a), q = _mm_castsi128_ps(b);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_add_epi32(_mm_castps_si128(_mm_shuffle_ps(p, q, 0x88)),
                                                                 _mm_castps_si128(_mm_shuffle_ps(p, q, 0xdd))));
}

}  // namespace petra::rt

#elif defined(__aarch64__) && defined(__ARM_NEON)

namespace petra::inline PETRA_ABI::rt {

using dot_input = std::int8_t;
inline constexpr int dot_copies = 1;
inline constexpr bool signed_dots = true;

PETRA_INLINE void prepare(std::int8_t const* x, dot_input* to) noexcept { vst1q_s8(to, vld1q_s8(x)); }
PETRA_INLINE int8x16_t load_input(dot_input const* p) noexcept {
  return vreinterpretq_s8_u32(vdupq_n_u32(load_four(p)));
}
// Four outputs; the places of those that are not there hold zeros.
PETRA_INLINE int8x16_t load_dots(std::int8_t const* w, index_t n) noexcept {
  if (n >= 4) return vld1q_s8(w);
  uint32x4_t v = vdupq_n_u32(0);
  if (n > 0) v = vsetq_lane_u32(load_four(w), v, 0);
  if (n > 1) v = vsetq_lane_u32(load_four(w + 4), v, 1);
  if (n > 2) v = vsetq_lane_u32(load_four(w + 8), v, 2);
  return vreinterpretq_s8_u32(v);
}
inline constexpr int dot_outputs = 4;

#if defined(__ARM_FEATURE_DOTPROD)
using dot_sums = int32x4_t;
PETRA_INLINE dot_sums no_dots() noexcept { return vdupq_n_s32(0); }
PETRA_INLINE dot_sums add_dots(dot_sums sum, int8x16_t x, int8x16_t w) noexcept { return vdotq_s32(sum, x, w); }
PETRA_INLINE void put_dots(dot_sums a, dot_sums b, std::int32_t* to) noexcept {
  vst1q_s32(to, a);
  vst1q_s32(to + 4, b);
}
#else
// SMULL and SADALP: two sums per output, those of two outputs in a register.
struct dot_sums {
  int32x4_t lo, hi;
};
PETRA_INLINE dot_sums no_dots() noexcept { return {vdupq_n_s32(0), vdupq_n_s32(0)}; }
PETRA_INLINE dot_sums add_dots(dot_sums sum, int8x16_t x, int8x16_t w) noexcept {
  return {vpadalq_s16(sum.lo, vmull_s8(vget_low_s8(x), vget_low_s8(w))), vpadalq_s16(sum.hi, vmull_high_s8(x, w))};
}
PETRA_INLINE void put_dots(dot_sums a, dot_sums b, std::int32_t* to) noexcept {
  vst1q_s32(to, vpaddq_s32(a.lo, a.hi));
  vst1q_s32(to + 4, vpaddq_s32(b.lo, b.hi));
}
#endif

}  // namespace petra::rt

#else

namespace petra::inline PETRA_ABI::rt {

// Plain loops: eight outputs, one after the other.
struct dot_sums {
  std::int32_t v[8];
};
struct dot_weights {
  std::int8_t v[32];
};
using dot_input = std::int16_t;
inline constexpr int dot_outputs = 8, dot_copies = 1;
inline constexpr bool signed_dots = false;

PETRA_INLINE void prepare(std::int8_t const* x, dot_input* to) noexcept {
  for (int i = 0; i < 16; ++i) to[i] = static_cast<dot_input>(x[i] + 128);
}
PETRA_INLINE dot_input const* load_input(dot_input const* p) noexcept { return p; }
PETRA_INLINE dot_sums no_dots() noexcept { return {}; }
PETRA_INLINE dot_weights load_dots(std::int8_t const* w, index_t n) noexcept {
  dot_weights r{};
  for (index_t i = 0; i < 4 * (n < 8 ? n : 8); ++i) r.v[i] = w[i];
  return r;
}
PETRA_INLINE dot_sums add_dots(dot_sums s, dot_input const* x, dot_weights const& w) noexcept {
  for (int i = 0; i < 32; ++i) s.v[i / 4] += x[i % 4] * w.v[i];
  return s;
}
PETRA_INLINE void put_dots(dot_sums const& a, dot_sums const& b, std::int32_t* to) noexcept {
  for (int i = 0; i < 8; ++i) to[i] = a.v[i], to[i + 8] = b.v[i];
}

}  // namespace petra::rt
#endif
