// Any function of one int8 by a table of its 256 values: sigmoid, tanh, GELU between two int8 grids, exact by definition.
//
// y (n) = table[x + 128]    x, y (n) int8, table (256), made at lower time (TensorFlow Lite's logistic has the output grid
// of scale 1 / 256 and zero point -128, its tanh 1 / 128 and 0)
//
// AVX-512 VBMI: two permutations of 128 bytes and a choice for 64 elements; elsewhere one load an element. y may be x.
// Bit-exact everywhere. Reads and writes nothing beside the arrays. Deterministic.
#pragma once
#include "petra/runtime/feature_map.hpp"

#if defined(__AVX512VBMI__) && defined(__AVX512BW__)
#include <immintrin.h>
#endif

namespace petra::inline PETRA_ABI::rt {

inline void lookup_s8(index_t n, std::int8_t const* table, std::int8_t const* x, std::int8_t* y) noexcept {
  index_t i = 0;
#if defined(__AVX512VBMI__) && defined(__AVX512BW__)
  // Of an int8, the low seven bits choose inside a half: negative ones have entries 0 to 127 of the table.
  __m512i const negative[2] = {_mm512_loadu_si512(table), _mm512_loadu_si512(table + 64)};
  __m512i const positive[2] = {_mm512_loadu_si512(table + 128), _mm512_loadu_si512(table + 192)};
  for (; i < n; i += 64) {
    __mmask64 const k = n - i < 64 ? (__mmask64{1} << (n - i)) - 1 : ~__mmask64{0};
    __m512i const v = _mm512_maskz_loadu_epi8(k, x + i);
    __m512i const a = _mm512_permutex2var_epi8(negative[0], v, negative[1]);
    __m512i const b = _mm512_permutex2var_epi8(positive[0], v, positive[1]);
    _mm512_mask_storeu_epi8(y + i, k, _mm512_mask_blend_epi8(_mm512_movepi8_mask(v), b, a));
  }
#endif
  for (; i < n; ++i) y[i] = table[x[i] + 128];
}

}  // namespace petra::rt
