// Registers that each hold two partial 32-bit sums per output: what one multiplication of 16-bit pairs adds to
// (VPMADDWD, PMADDWD; NEON multiplies and adds pairs). Nothing saturates: (x + 128) * w needs 16 bits, two of them 32.
//
// pair_sums            the register: `pair_outputs` outputs, two sums each
// broadcast_four(x)    four inputs, made unsigned, in 16 bits, repeated
// load_pairs(w, left)  the weights of the next outputs, four each, in 16 bits; reads those of `left` outputs and no
// more
// to_lanes(part)       the sums of 16 outputs
#pragma once
#include "petra/runtime/conv_plan_s8.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#elif defined(__AVX2__)

namespace petra::inline PETRA_ABI::rt {

using pair_sums = __m256i;
inline constexpr int pair_outputs = 4;

PETRA_INLINE __m256i no_pairs() noexcept { return _mm256_setzero_si256(); }
PETRA_INLINE __m256i broadcast_four(std::int8_t const* p) noexcept {
  return _mm256_cvtepu8_epi16(_mm_set1_epi32(static_cast<std::int32_t>(load_four(p) ^ 0x80808080u)));
}
PETRA_INLINE __m256i load_pairs(std::int8_t const* w, index_t left) noexcept {
  if (left >= 4) return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<__m128i const*>(w)));
  __m128i const mask = _mm_cmpgt_epi32(_mm_set1_epi32(static_cast<std::int32_t>(left)), _mm_setr_epi32(0, 1, 2, 3));
  return _mm256_cvtepi8_epi16(_mm_maskload_epi32(reinterpret_cast<int const*>(w), mask));
}
PETRA_INLINE __m256i add_pairs(__m256i sum, __m256i x, __m256i w) noexcept {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
}
PETRA_INLINE i32x16 to_lanes(__m256i const (&part)[4]) noexcept {
  // Adding neighbors works inside 128-bit halves: outputs 0 1 4 5 | 2 3 6 7, put in order by 64-bit words.
  return {_mm256_permute4x64_epi64(_mm256_hadd_epi32(part[0], part[1]), 0xd8),
          _mm256_permute4x64_epi64(_mm256_hadd_epi32(part[2], part[3]), 0xd8)};
}

}  // namespace petra::rt

#elif defined(__SSE2__)
#include <emmintrin.h>

namespace petra::inline PETRA_ABI::rt {

using pair_sums = __m128i;
inline constexpr int pair_outputs = 2;

PETRA_INLINE __m128i no_pairs() noexcept { return _mm_setzero_si128(); }
PETRA_INLINE __m128i broadcast_four(std::int8_t const* p) noexcept {
  __m128i const bytes = _mm_cvtsi32_si128(static_cast<std::int32_t>(load_four(p) ^ 0x80808080u));
  __m128i const words = _mm_unpacklo_epi8(bytes, _mm_setzero_si128());
  return _mm_unpacklo_epi64(words, words);
}
PETRA_INLINE __m128i load_pairs(std::int8_t const* w, index_t left) noexcept {
  __m128i v = _mm_setzero_si128();
  if (left >= 2)
    v = _mm_loadl_epi64(reinterpret_cast<__m128i const*>(w));
  else if (left == 1)
    v = _mm_cvtsi32_si128(static_cast<std::int32_t>(load_four(w)));
  return _mm_srai_epi16(_mm_unpacklo_epi8(v, v), 8);
}
PETRA_INLINE __m128i add_pairs(__m128i sum, __m128i x, __m128i w) noexcept {
  return _mm_add_epi32(sum, _mm_madd_epi16(x, w));
}
PETRA_INLINE i32x16 to_lanes(__m128i const (&part)[8]) noexcept {
  i32x16 r;
  for (int i = 0; i < 8; i += 2) {
    __m128 const a = _mm_castsi128_ps(part[i]), b = _mm_castsi128_ps(part[i + 1]);
    __m128i const even = _mm_castps_si128(_mm_shuffle_ps(a, b, 0x88)),
                  odd = _mm_castps_si128(_mm_shuffle_ps(a, b, 0xdd));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(r.v + 2 * i), _mm_add_epi32(even, odd));
  }
  return r;
}

}  // namespace petra::rt

#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

namespace petra::inline PETRA_ABI::rt {

using pair_sums = int32x4_t;
inline constexpr int pair_outputs = 2;

PETRA_INLINE int32x4_t no_pairs() noexcept { return vdupq_n_s32(0); }
PETRA_INLINE int16x8_t broadcast_four(std::int8_t const* p) noexcept {
  return vreinterpretq_s16_u16(vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(load_four(p) ^ 0x80808080u))));
}
PETRA_INLINE int16x8_t load_pairs(std::int8_t const* w, index_t left) noexcept {
  if (left >= 2) return vmovl_s8(vld1_s8(w));
  return vmovl_s8(vreinterpret_s8_u32(vset_lane_u32(left == 1 ? load_four(w) : 0u, vdup_n_u32(0), 0)));
}
PETRA_INLINE int32x4_t add_pairs(int32x4_t sum, int16x8_t x, int16x8_t w) noexcept {
  return vpadalq_s16(sum, vmulq_s16(x, w));
}
PETRA_INLINE i32x16 to_lanes(int32x4_t const (&part)[8]) noexcept {
  i32x16 r;
  for (int i = 0; i < 8; i += 2) vst1q_s32(r.v + 2 * i, vpaddq_s32(part[i], part[i + 1]));
  return r;
}

}  // namespace petra::rt

#else

namespace petra::inline PETRA_ABI::rt {

// Neither: one output at a time, in the same shape.
struct pair_sums {
  std::int32_t sum;
};
inline constexpr int pair_outputs = 1;

struct four_words {
  std::int32_t v[4];
};
PETRA_INLINE pair_sums no_pairs() noexcept { return {0}; }
PETRA_INLINE four_words broadcast_four(std::int8_t const* p) noexcept {
  return {{p[0] + 128, p[1] + 128, p[2] + 128, p[3] + 128}};
}
PETRA_INLINE four_words load_pairs(std::int8_t const* w, index_t left) noexcept {
  return left > 0 ? four_words{{w[0], w[1], w[2], w[3]}} : four_words{};
}
PETRA_INLINE pair_sums add_pairs(pair_sums s, four_words const& x, four_words const& w) noexcept {
  return {s.sum + x.v[0] * w.v[0] + x.v[1] * w.v[1] + x.v[2] * w.v[2] + x.v[3] * w.v[3]};
}
PETRA_INLINE i32x16 to_lanes(pair_sums const (&part)[16]) noexcept {
  i32x16 r;
  for (int i = 0; i < 16; ++i) r.v[i] = part[i].sum;
  return r;
}

}  // namespace petra::rt
#endif
