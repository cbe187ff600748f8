// The widest vector of floats the compiler may use, and the few operations petra's host kernels are written in.
//
// The only file that includes xsimd. Arithmetic, comparisons, `select` come from xsimd by argument-dependent
// lookup; what is added here are partial loads and stores for remainders, and a fused multiply-add that is one
// instruction: xsimd 8.1 has none for AVX-512 and leaves it to the compiler's contraction, which clang does not do
// across intrinsics. Mind its `!=` on AVX-512, which is false for NaN: ask `isnan`.
//
// The vector is the one PETRA_ABI names, not what xsimd would detect: two translation units that agree on PETRA_ABI
// agree on the vector.
#pragma once
#include <cstdint>
#include <xsimd/xsimd.hpp>

#include "petra/core/extents.hpp"
#include "petra/core/fold_lanes.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

#if PETRA_VECTOR_BYTES == 64
using architecture = xsimd::avx512bw;
inline constexpr index_t registers = 32;
#elif PETRA_VECTOR_BYTES == 32
using architecture = xsimd::fma3<xsimd::avx2>;
inline constexpr index_t registers = 16;
#elif defined(__aarch64__)
using architecture = xsimd::neon64;
inline constexpr index_t registers = 32;
#elif defined(__ARM_NEON)
using architecture = xsimd::neon;
inline constexpr index_t registers = 16;
#elif defined(__SSE2__)
using architecture = xsimd::sse2;
inline constexpr index_t registers = 16;
#else
#error "petra: kernel/simd needs SSE2, AVX2, AVX-512 or NEON; include kernel/reference/ instead"
#endif

using vector = xsimd::batch<float, architecture>;
inline constexpr index_t lanes = static_cast<index_t>(vector::size);
static_assert(sizeof(vector) == PETRA_VECTOR_BYTES);

// The same register as the compilers' own vector, which the functions of core are written for.
using plain_vector [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = float;
PETRA_INLINE plain_vector plain(vector v) {
  return reinterpret_cast<plain_vector>(static_cast<vector::register_type>(v));
}
PETRA_INLINE vector wrapped(plain_vector v) { return vector(reinterpret_cast<vector::register_type>(v)); }

PETRA_INLINE vector load(float const* p) { return vector::load_unaligned(p); }
PETRA_INLINE void store(float* p, vector v) { v.store_unaligned(p); }
PETRA_INLINE vector broadcast(float x) { return vector(x); }
PETRA_INLINE vector zero() { return vector(0.f); }

// a * b + c; one rounding where the machine has a fused multiply-add (all but SSE2).
PETRA_INLINE vector fmadd(vector a, vector b, vector c) {
#if PETRA_VECTOR_BYTES == 64
  return _mm512_fmadd_ps(a, b, c);
#else
  return xsimd::fma(a, b, c);
#endif
}

// Correctly rounded.
PETRA_INLINE vector square_root(vector a) {
#if PETRA_VECTOR_BYTES == 64
  return _mm512_maskz_sqrt_ps(0xffff, a);  // g++ 12 warns about its own _mm512_sqrt_ps
#else
  return xsimd::sqrt(a);
#endif
}

// v where it is larger, else w: of two zeros and beside a NaN w.
PETRA_INLINE vector larger(vector v, vector w) {
#if defined(__SSE2__)
  return xsimd::max(v, w);  // the instruction returns its second operand then
#else
  return xsimd::select(v > w, v, w);
#endif
}

// The first n lanes of p, zeros after them; reads nothing behind them. Pre: 0 <= n <= lanes.
PETRA_INLINE vector load_first(float const* p, index_t n) {
#if PETRA_VECTOR_BYTES == 64
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1u), p);
#else
  alignas(PETRA_VECTOR_BYTES) float first[lanes] = {};
  for (index_t i = 0; i < n; ++i) first[i] = p[i];
  return vector::load_aligned(first);
#endif
}

// Writes the first n lanes of v and nothing behind them. Pre: 0 <= n <= lanes.
PETRA_INLINE void store_first(float* p, vector v, index_t n) {
#if PETRA_VECTOR_BYTES == 64
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1u), v);
#else
  alignas(PETRA_VECTOR_BYTES) float all[lanes];
  v.store_aligned(all);
  for (index_t i = 0; i < n; ++i) p[i] = all[i];
#endif
}

// The first n lanes of v, those of `others` behind them. Pre: 0 <= n <= lanes.
PETRA_INLINE vector replace_rest(vector v, index_t n, vector others) {
#if PETRA_VECTOR_BYTES == 64
  return _mm512_mask_mov_ps(others, static_cast<__mmask16>((1u << n) - 1u), v);
#else
  static constexpr float place[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  return xsimd::select(load(place) < broadcast(static_cast<float>(n)), v, others);
#endif
}

PETRA_INLINE float sum_of_lanes(vector v) {
  return elementary::fold_lanes(
      plain(v), [](auto a, auto b) __attribute__((always_inline)) { return a + b; })[0];
}
// NaN in any lane may or may not show.
PETRA_INLINE float max_of_lanes(vector v) {
  return elementary::fold_lanes(
      plain(v), [](auto a, auto b) __attribute__((always_inline)) { return a > b ? a : b; })[0];
}

// Lane i holds lane at[i] of v. Pre: 0 <= at[i] < lanes.
PETRA_INLINE vector pick(vector v, std::int32_t const* at) {
#if PETRA_VECTOR_BYTES == 64
  return _mm512_maskz_permutexvar_ps(0xffff, _mm512_loadu_si512(at), v);  // as above
#elif PETRA_VECTOR_BYTES == 32
  return _mm256_permutevar8x32_ps(v, _mm256_loadu_si256(reinterpret_cast<__m256i const*>(at)));
#else
  alignas(PETRA_VECTOR_BYTES) float from[lanes], to[lanes];
  v.store_aligned(from);
  for (index_t i = 0; i < lanes; ++i) to[i] = from[at[i]];
  return vector::load_aligned(to);
#endif
}

// Lane i holds number at[i] of what `low` and `high` hold one behind the other. Pre: 0 <= at[i] < 2 * lanes.
PETRA_INLINE vector pick(vector low, vector high, std::int32_t const* at) {
#if PETRA_VECTOR_BYTES == 64
  return _mm512_permutex2var_ps(low, _mm512_loadu_si512(at), high);
#elif PETRA_VECTOR_BYTES == 32
  __m256i const i = _mm256_loadu_si256(reinterpret_cast<__m256i const*>(at));
  __m256 const a = _mm256_permutevar8x32_ps(low, i), b = _mm256_permutevar8x32_ps(high, i);
  return _mm256_blendv_ps(a, b, _mm256_castsi256_ps(_mm256_slli_epi32(i, 28)));  // bit 3 says which
#else
  alignas(PETRA_VECTOR_BYTES) float from[2 * lanes], to[lanes];
  low.store_aligned(from);
  high.store_aligned(from + lanes);
  for (index_t i = 0; i < lanes; ++i) to[i] = from[at[i]];
  return vector::load_aligned(to);
#endif
}

// p[i] = v[i] for the first n lanes; v holds integers below 2^31. Pre: 0 <= n <= lanes.
PETRA_INLINE void store_integers(std::int32_t* p, vector v, index_t n) {
#if PETRA_VECTOR_BYTES == 64
  _mm512_mask_storeu_epi32(p, static_cast<__mmask16>((1u << n) - 1u), _mm512_cvttps_epi32(v));
#else
  alignas(PETRA_VECTOR_BYTES) std::int32_t all[lanes];
  xsimd::to_int(v).store_aligned(all);
  for (index_t i = 0; i < n; ++i) p[i] = all[i];
#endif
}

}  // namespace petra::kernel::simd
