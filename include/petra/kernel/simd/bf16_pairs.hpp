// Pairs of bf16 as the elements of the register tiles: each product of two pairs adds two products to a float.
//
// acc (lanes) += a[0] * b[0] + a[1] * b[1], a pair a lane: one VDPBF16PS, at the rate of a multiply-add. A pair is a
// word of the size of a float, so that all that is told of floats (panels, frames, tiles, distances) holds for words.
// Which two numbers make a pair is the caller's choice: neighboring channels, or the same channel of two pixels.
// Accumulators are vectors of floats; results are stored as float, or rounded to bf16.
//
// The instruction and the conversion take denormals for zero.
#pragma once
#include "petra/core/config.hpp"

#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
#include <cstdint>

#include "petra/kernel/simd/bf16.hpp"
#include "petra/kernel/simd/tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

struct __attribute__((may_alias, packed)) bf16_pair {
  std::uint32_t bits;  // the first number is the lower half
};
template <>
struct words_of<bf16> {
  using type = bf16_pair;
  static constexpr index_t numbers = 2;
};
struct pair_vector {
  __m512i data;
};

PETRA_INLINE pair_vector load(bf16_pair const* p) { return {_mm512_loadu_si512(p)}; }
PETRA_INLINE pair_vector load_first(bf16_pair const* p, index_t n) {
  return {_mm512_maskz_loadu_epi32(static_cast<__mmask16>((1u << n) - 1u), p)};
}
PETRA_INLINE void store(bf16_pair* p, pair_vector v) { _mm512_storeu_si512(p, v.data); }
PETRA_INLINE void store_first(bf16_pair* p, pair_vector v, index_t n) {
  _mm512_mask_storeu_epi32(p, static_cast<__mmask16>((1u << n) - 1u), v.data);
}
PETRA_INLINE pair_vector broadcast(bf16_pair x) {
  __m512i v = _mm512_set1_epi32(static_cast<int>(x.bits));
#if defined(__clang__)
  asm("" : "+v"(v));  // clang 16 dies (VectorCombine) where it sees that a broadcast is taken for bf16
#endif
  return {v};
}
PETRA_INLINE vector fmadd(pair_vector a, pair_vector b, vector c) {
  return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(a.data), reinterpret_cast<__m512bh>(b.data));
}

// Numbers as floats.
PETRA_INLINE vector to_floats(__m256i x) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16));
}
}  // namespace petra::kernel::simd

// Beside bf16, where the tiles find them by argument-dependent lookup.
namespace petra::inline PETRA_ABI::kernel {

PETRA_INLINE simd::vector load(bf16 const* p) {
  return simd::to_floats(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(p)));
}
PETRA_INLINE simd::vector load_first(bf16 const* p, index_t n) {
  return simd::to_floats(_mm256_maskz_loadu_epi16(static_cast<__mmask16>((1u << n) - 1u), p));
}
PETRA_INLINE void store(bf16* p, simd::vector v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(v)));
}
PETRA_INLINE void store_first(bf16* p, simd::vector v, index_t n) {
  _mm256_mask_storeu_epi16(p, static_cast<__mmask16>((1u << n) - 1u), reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(v)));
}

}  // namespace petra::kernel

namespace petra::inline PETRA_ABI::kernel::simd {

// (a[i], b[i])
PETRA_INLINE pair_vector interleave(bf16 const* a, bf16 const* b) {
  return {reinterpret_cast<__m512i>(interleave_rows(a, b))};
}
// (a[i], b[i]) for i < n <= lanes, zeros after them.
PETRA_INLINE pair_vector interleave(bf16 const* a, bf16 const* b, index_t n) {
  auto const mask = static_cast<__mmask16>((1u << n) - 1u);
  __m512i const low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, a));
  __m512i const high = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, b));
  return {_mm512_or_si512(low, _mm512_slli_epi32(high, 16))};
}
// (a[i], 0)
PETRA_INLINE pair_vector interleave(bf16 const* a, index_t n) {
  return {_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(static_cast<__mmask16>((1u << n) - 1u), a))};
}

}  // namespace petra::kernel::simd
#endif
