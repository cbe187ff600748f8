// The table of an int8 softmax (runtime/softmax_s8.hpp) in sixteen registers of AVX-512 VBMI: a plane of 256 bytes for
// each byte of its entries. 64 lookups cost two permutations and a choice a plane, and four registers to put the bytes
// together.
//
// What is put together lies in the order that packing undoes: inside 128-bit quarters.
#pragma once
#include "petra/runtime/reduce_f32.hpp"
#include "petra/runtime/s16v.hpp"
#include "petra/runtime/softmax_sum.hpp"

#if defined(__AVX512VBMI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace petra::inline PETRA_ABI::rt {

struct softmax_planes {
  __m512i plane[4][4];  // byte, quarter of the table

  PETRA_INLINE explicit softmax_planes(std::int32_t const* table) noexcept {
    alignas(64) std::int8_t order[2][64];  // bytes 0 and 1, 2 and 3, of the entries of two registers
    for (int i = 0; i < 64; ++i)
      for (int h = 0; h < 2; ++h) order[h][i] = static_cast<std::int8_t>(4 * (i % 32) + 2 * h + i / 32);
    for (int q = 0; q < 4; ++q)
      for (int h = 0; h < 2; ++h) {
        __m512i const which = _mm512_load_si512(order[h]);
        auto const pair = [&](std::int32_t const* p) __attribute__((always_inline)) {
          return _mm512_permutex2var_epi8(_mm512_loadu_si512(p), which, _mm512_loadu_si512(p + 16));
        };
        __m512i const low = pair(table + 64 * q), high = pair(table + 64 * q + 32);
        plane[2 * h][q] = _mm512_maskz_shuffle_i64x2(0xff, low, high, 0x44);
        plane[2 * h + 1][q] = _mm512_maskz_shuffle_i64x2(0xff, low, high, 0xee);
      }
  }

  PETRA_INLINE static __mmask64 first(index_t n) noexcept { return n < 64 ? (__mmask64{1} << n) - 1 : ~__mmask64{0}; }

  PETRA_INLINE static std::int32_t largest(std::int8_t const* x, index_t n) noexcept {
    __m512i m = _mm512_set1_epi8(-128);
    for (index_t i = 0; i < n; i += 64) {
      __mmask64 const k = first(n - i);
      m = _mm512_mask_max_epi8(m, k, m, _mm512_maskz_loadu_epi8(k, x + i));
    }
    __m256i const h = _mm256_max_epi8(_mm512_castsi512_si256(m), _mm512_maskz_extracti64x4_epi64(0xf, m, 1));
    __m128i const q = _mm_max_epi8(_mm256_castsi256_si128(h), _mm256_extracti128_si256(h, 1));
    // The smallest of 127 - x: of bytes paired to words, by the one instruction that folds words.
    __m128i const below = _mm_xor_si128(q, _mm_set1_epi8(127));
    return 127 - _mm_extract_epi16(_mm_minpos_epu16(_mm_min_epu8(below, _mm_srli_epi16(below, 8))), 0);
  }

  // to: table[top - x] of 64 elements, 0 where k has no bit.
  PETRA_INLINE void look(__m512i top, __m512i x, __mmask64 k, __m512i (&to)[4]) const noexcept {
    __m512i const d = _mm512_sub_epi8(top, x);
    __mmask64 const far = _mm512_movepi8_mask(d);  // 128 and more
    __m512i b[4];
#pragma GCC unroll 4
    for (int p = 0; p < 4; ++p)
      b[p] = _mm512_maskz_mov_epi8(k, _mm512_mask_blend_epi8(far, _mm512_permutex2var_epi8(plane[p][0], d, plane[p][1]),
                                                             _mm512_permutex2var_epi8(plane[p][2], d, plane[p][3])));
    __m512i const low = _mm512_unpacklo_epi8(b[0], b[1]), low_high = _mm512_unpacklo_epi8(b[2], b[3]);
    __m512i const high = _mm512_unpackhi_epi8(b[0], b[1]), high_high = _mm512_unpackhi_epi8(b[2], b[3]);
    to[0] = _mm512_unpacklo_epi16(low, low_high);
    to[1] = _mm512_unpackhi_epi16(low, low_high);
    to[2] = _mm512_unpacklo_epi16(high, high_high);
    to[3] = _mm512_unpackhi_epi16(high, high_high);
  }

  [[nodiscard]] PETRA_INLINE std::int32_t sum(std::int8_t const* x, index_t n, std::int32_t top) const noexcept {
    __m512i const all_top = _mm512_set1_epi8(static_cast<char>(top)), half = _mm512_set1_epi32(1 << 11);
    __m512i s = _mm512_setzero_si512();
    for (index_t i = 0; i < n; i += 64) {
      __mmask64 const k = first(n - i);
      __m512i e[4];
      look(all_top, _mm512_maskz_loadu_epi8(k, x + i), k, e);
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j)
        s = _mm512_add_epi32(s, _mm512_maskz_srli_epi32(0xffff, _mm512_add_epi32(e[j], half), 12));
    }
    return fold_lanes((s32v)s, [](auto a, auto b) __attribute__((always_inline)) { return a + b; })[0];
  }

  PETRA_INLINE void put(std::int8_t const* x, index_t n, std::int32_t top, softmax_factor f,
                        std::int8_t* y) const noexcept {
    __m512i const all_top = _mm512_set1_epi8(static_cast<char>(top)), multiplier = _mm512_set1_epi32(f.multiplier);
    __m512i const right = _mm512_set1_epi32(f.right), unit = _mm512_set1_epi64(std::int64_t{1} << 30);
    __m512i const half = _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_set1_epi32(f.right - 1));
    // All numbers are at least 0 and their shifts logical: by more than 31 they yield 0.
    auto const scaled = [&](__m512i e) __attribute__((always_inline)) {
      __m512i const even = _mm512_srli_epi64(_mm512_add_epi64(_mm512_mul_epu32(e, multiplier), unit), 31);
      __m512i const odd = _mm512_add_epi64(_mm512_mul_epu32(_mm512_srli_epi64(e, 32), multiplier), unit);
      __m512i const high = _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 1));
      return _mm512_srlv_epi32(_mm512_add_epi32(high, half), right);
    };
    for (index_t i = 0; i < n; i += 64) {
      __mmask64 const k = first(n - i);
      __m512i e[4];
      look(all_top, _mm512_maskz_loadu_epi8(k, x + i), k, e);
      __m512i const zero = _mm512_set1_epi16(-128);
      __m512i const low = _mm512_add_epi16(_mm512_packs_epi32(scaled(e[0]), scaled(e[1])), zero);
      __m512i const high = _mm512_add_epi16(_mm512_packs_epi32(scaled(e[2]), scaled(e[3])), zero);
      _mm512_mask_storeu_epi8(y + i, k, _mm512_packs_epi16(low, high));
    }
  }
};

}  // namespace petra::rt

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif
