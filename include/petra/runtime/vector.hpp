// The widest float vector of the instruction set, by the compilers' vector extension: one source for AVX-512, AVX2,
// SSE2 and NEON. `a * b + c` contracts to one fused multiply-add where there is one.
//
// A count `n` says how many lanes are in use (the others load as 0 and are not stored); nothing behind them is touched.
#pragma once
#include "petra/runtime/feature_map.hpp"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace petra::inline PETRA_ABI::rt {

using f32v [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = float;
inline constexpr int f32_lanes = PETRA_VECTOR_BYTES / 4;

PETRA_INLINE f32v load(float const* p) noexcept {
  f32v v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
PETRA_INLINE void store(float* p, f32v v) noexcept { __builtin_memcpy(p, &v, sizeof v); }

// x - 0 is x, whatever x is; 0 + x would make a zero of -0.
PETRA_INLINE f32v broadcast(float x) noexcept { return x - f32v{}; }

PETRA_INLINE f32v max(f32v a, f32v b) noexcept { return a > b ? a : b; }

#if PETRA_VECTOR_BYTES == 64
PETRA_INLINE f32v load(float const* p, index_t n) noexcept {
  return reinterpret_cast<f32v>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1u), p));
}
PETRA_INLINE void store(float* p, f32v v, index_t n) noexcept {
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1u), reinterpret_cast<__m512>(v));
}
#else
PETRA_INLINE f32v load(float const* p, index_t n) noexcept {
  if (n >= f32_lanes) return load(p);
  f32v v{};
  __builtin_memcpy(&v, p, static_cast<std::size_t>(n) * sizeof(float));
  return v;
}
PETRA_INLINE void store(float* p, f32v v, index_t n) noexcept {
  if (n >= f32_lanes) return store(p, v);
  __builtin_memcpy(p, &v, static_cast<std::size_t>(n) * sizeof(float));
}
#endif

}  // namespace petra::rt
