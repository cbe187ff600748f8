// VPDPBUSD on registers: sixteen sums, each of four products of an unsigned and a signed byte.
#pragma once
#include "petra/runtime/lanes.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include <immintrin.h>

namespace petra::inline PETRA_ABI::rt {

// sum += a . b, a unsigned, b signed. Assembly because of its "+v": with the intrinsic g++ 12 copies every sum twice a
// step (runtime/conv_tile_avx512.hpp).
PETRA_INLINE void dot_u8_s8(__m512i& sum, __m512i a, __m512i b) noexcept {
  asm("{vpdpbusd %2, %1, %0|vpdpbusd %0, %1, %2}" : "+v"(sum) : "v"(a), "v"(b));
}

// Four bytes of p, repeated.
PETRA_INLINE __m512i repeat_four(std::int8_t const* p) noexcept {
  using unaligned [[gnu::may_alias, gnu::aligned(1)]] = std::int32_t;
  return _mm512_set1_epi32(*reinterpret_cast<unaligned const*>(p));
}

}  // namespace petra::rt
#endif
