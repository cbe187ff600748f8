// Register tile of the int8 convolution in AVX2: VPMADDWD on 16-bit operands, which cannot saturate (VPMADDUBSW can).
//
// A register holds two partial sums of each of four outputs; they are added when the tile is done.
#pragma once
#include "petra/runtime/conv_plan_s8.hpp"

#if defined(__AVX2__) && !(defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__))
#include <immintrin.h>

namespace petra::inline PETRA_ABI::rt {

inline constexpr int max_blocks_s8 = 1;
inline constexpr bool shares_columns_s8 = false;
constexpr int max_pixels_s8(int) noexcept { return 2; }

// (x, x, x, x) in 16 bits, x four unsigned inputs.
PETRA_INLINE __m256i broadcast_four(std::int8_t const* p) noexcept {
  return _mm256_cvtepu8_epi16(_mm_set1_epi32(static_cast<std::int32_t>(load_four(p) ^ 0x80808080u)));
}

// Weights of outputs 4 * part .. 4 * part + 3 in 16 bits; reads nothing behind output n.
PETRA_INLINE __m256i load_weights(std::int8_t const* w, int part, index_t n) noexcept {
  index_t const left = n - 4 * part;
  if (left >= 4) return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<__m128i const*>(w + 16 * part)));
  __m128i const lane = _mm_setr_epi32(0, 1, 2, 3);
  __m128i const mask = _mm_cmpgt_epi32(_mm_set1_epi32(static_cast<std::int32_t>(left)), lane);
  return _mm256_cvtepi8_epi16(_mm_maskload_epi32(reinterpret_cast<int const*>(w + 16 * part), mask));
}

// sum[p] += of one pixel each: Pixels x 16 outputs.
template <int Pixels>
PETRA_INLINE void accumulate_tile(std::int8_t const* x, std::int8_t const* w, conv_plan_s8 const& plan,
                                  i32x16 (&sum)[Pixels]) noexcept {
  __m256i part[Pixels][4];
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p)
#pragma GCC unroll 64
    for (int j = 0; j < 4; ++j) part[p][j] = _mm256_setzero_si256();
  for (index_t kh = 0; kh < plan.kernel_h; ++kh, x += plan.row)
    for (index_t q = 0; q < plan.run; ++q, w += 4 * plan.last) {
      __m256i in[Pixels];
#pragma GCC unroll 64
      for (int p = 0; p < Pixels; ++p) in[p] = broadcast_four(x + p * plan.step + 4 * q);
#pragma GCC unroll 64
      for (int j = 0; j < 4; ++j) {
        __m256i const v = load_weights(w, j, plan.last);
#pragma GCC unroll 64
        for (int p = 0; p < Pixels; ++p) part[p][j] = _mm256_add_epi32(part[p][j], _mm256_madd_epi16(in[p], v));
      }
    }
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p) {
    // Adding neighbors works inside 128-bit halves: outputs 0 1 4 5 | 2 3 6 7, put in order by 64-bit words.
    __m256i const lo = _mm256_permute4x64_epi64(_mm256_hadd_epi32(part[p][0], part[p][1]), 0xd8);
    __m256i const hi = _mm256_permute4x64_epi64(_mm256_hadd_epi32(part[p][2], part[p][3]), 0xd8);
    sum[p] = sum[p] + i32x16{lo, hi};
  }
}

}  // namespace petra::rt
#endif
