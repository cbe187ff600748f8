// Sixteen int8 side by side, compared and moved as they are: what a maximum needs.
#pragma once
#include "petra/runtime/feature_map.hpp"

#if defined(__AVX512BW__) && defined(__AVX512VL__)
#include <immintrin.h>
#endif

namespace petra::inline PETRA_ABI::rt {

struct s8x16 {
  using vector [[gnu::vector_size(16)]] = signed char;
  vector v;

  PETRA_INLINE static s8x16 broadcast(std::int8_t a) noexcept { return {vector{} + static_cast<signed char>(a)}; }
  PETRA_INLINE static s8x16 load(std::int8_t const* p) noexcept {
    s8x16 r;
    __builtin_memcpy(&r.v, p, 16);
    return r;
  }
  // The first n of them, zeros behind; reads n elements and no more.
  PETRA_INLINE static s8x16 load(std::int8_t const* p, index_t n) noexcept {
    if (n == 16) return load(p);
    s8x16 r{};
#if defined(__AVX512BW__) && defined(__AVX512VL__)
    r.v = reinterpret_cast<vector>(_mm_maskz_loadu_epi8(static_cast<__mmask16>((1u << n) - 1u), p));
#else
    for (index_t i = 0; i < n; ++i) r.v[i] = p[i];
#endif
    return r;
  }
  PETRA_INLINE friend s8x16 max(s8x16 a, s8x16 b) noexcept { return {a.v > b.v ? a.v : b.v}; }
  PETRA_INLINE friend s8x16 min(s8x16 a, s8x16 b) noexcept { return {a.v < b.v ? a.v : b.v}; }
};

// y (n), n at most 16
PETRA_INLINE void store(std::int8_t* y, s8x16 a, index_t n) noexcept {
  if (n == 16)
    __builtin_memcpy(y, &a.v, 16);
  else
    for (index_t i = 0; i < n; ++i) y[i] = a.v[i];
}

}  // namespace petra::rt
