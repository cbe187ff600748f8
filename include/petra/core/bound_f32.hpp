// Bounds on vectors of floats that let NaN through, for every vector type of the compilers' extension.
//
// The functions of floats (core/exp_f32.hpp, core/tanh_f32.hpp, core/normal_f32.hpp) lie in core because both the kernels
// that ship and those of training need them and neither folder may include the other: one polynomial, one test, the same
// bits. Their vectors are any type V with element access and arithmetic: what runtime/vector.hpp defines, and the
// registers that xsimd's batches convert to.
#pragma once
#include "petra/core/config.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace petra::inline PETRA_ABI::elementary {

// The integers of the same width: what a comparison yields.
template <class V>
using bits_of = decltype(V{} < V{});

// One intrinsic where there is one: g++ 12 makes a comparison and a blend of the plain form, five cycles instead of two.
template <class V>
PETRA_INLINE V at_most(V x, float hi) noexcept {
  V const bound = hi - V{};
#if defined(__AVX512F__)
  if constexpr (sizeof(V) == 64) return (V)_mm512_maskz_min_ps(0xffff, (__m512)bound, (__m512)x);
#endif
#if defined(__AVX__)
  if constexpr (sizeof(V) == 32) return (V)_mm256_min_ps((__m256)bound, (__m256)x);
#endif
#if defined(__SSE2__)
  if constexpr (sizeof(V) == 16) return (V)_mm_min_ps((__m128)bound, (__m128)x);
#endif
  return x > bound ? bound : x;
}
template <class V>
PETRA_INLINE V at_least(V x, float lo) noexcept {
  V const bound = lo - V{};
#if defined(__AVX512F__)
  if constexpr (sizeof(V) == 64) return (V)_mm512_maskz_max_ps(0xffff, (__m512)bound, (__m512)x);
#endif
#if defined(__AVX__)
  if constexpr (sizeof(V) == 32) return (V)_mm256_max_ps((__m256)bound, (__m256)x);
#endif
#if defined(__SSE2__)
  if constexpr (sizeof(V) == 16) return (V)_mm_max_ps((__m128)bound, (__m128)x);
#endif
  return x < bound ? bound : x;
}

template <class V>
PETRA_INLINE V magnitude(V x) noexcept {
  return (V)((bits_of<V>)x & 0x7fffffff);
}

}  // namespace petra::elementary
