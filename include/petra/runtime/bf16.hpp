// bfloat16 in programs: the upper half of a float, kept in 16 bits. Weights are stored so; activations stay float in
// memory and are rounded where a kernel reads them.
//
// Rounding is to nearest, ties to even; overflow gives infinity, a NaN stays a quiet NaN. AVX512-BF16 takes denormals for
// zero, here and in products; all other ways round them like the rest.
// Cost: 6 bytes a number through memory; AVX512-BF16 32 numbers in 2 cycles.
#pragma once
#include "petra/runtime/vector.hpp"

#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#endif

namespace petra::inline PETRA_ABI::rt {

constexpr std::uint16_t round_to_bf16(float x) noexcept {
  auto const bits = __builtin_bit_cast(std::uint32_t, x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
  // Half of the last place that stays, less one where that place is even: a carry rounds up.
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}
constexpr float from_bf16(std::uint16_t x) noexcept { return __builtin_bit_cast(float, std::uint32_t{x} << 16); }

// y (n) <- x (n)
[[gnu::noinline]] inline void round_to_bf16(float const* x, index_t n, std::uint16_t* y) noexcept {
  index_t i = 0;
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  for (; i + 32 <= n; i += 32) {
    auto const v = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + i + 16), _mm512_loadu_ps(x + i));
    __builtin_memcpy(y + i, &v, sizeof v);
  }
  for (; i < n; i += 16) {
    auto const mask = static_cast<__mmask16>(n - i < 16 ? (1u << (n - i)) - 1u : 0xffffu);
    auto const v = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, x + i));
    _mm256_mask_storeu_epi16(y + i, mask, reinterpret_cast<__m256i>(v));
  }
#else
  using u32v [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = std::uint32_t;
  using u16v [[gnu::vector_size(PETRA_VECTOR_BYTES / 2)]] = std::uint16_t;
  for (; i + f32_lanes <= n; i += f32_lanes) {
    u32v u;
    __builtin_memcpy(&u, x + i, sizeof u);
    u32v const rounded = (u + (0x7fffu + (u >> 16 & 1u))) >> 16, nan = u >> 16 | 0x40u;
    u16v const v = __builtin_convertvector((u & 0x7fffffffu) > 0x7f800000u ? nan : rounded, u16v);
    __builtin_memcpy(y + i, &v, sizeof v);
  }
  for (; i < n; ++i) y[i] = round_to_bf16(x[i]);
#endif
}

}  // namespace petra::rt

#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif
