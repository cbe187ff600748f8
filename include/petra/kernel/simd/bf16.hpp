// Conversion of arrays between float and bfloat16, bit for bit the reference's.
//
// Integers decide the rounding: VCVTNEPS2BF16 would flush denormals, and only few machines have it. Written with the
// compilers' vector extension; the tail goes one by one.
// Cost: bound by memory: 6 bytes per number.
#pragma once
#include "petra/kernel/reference/bf16.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

inline constexpr index_t bf16_lanes = PETRA_VECTOR_BYTES / 4;
using u32_lanes [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = std::uint32_t;
using u16_lanes [[gnu::vector_size(PETRA_VECTOR_BYTES / 2)]] = std::uint16_t;

// Pairs of two rows, bf16_lanes columns of each, as one vector.
PETRA_INLINE u32_lanes interleave_rows(bf16 const* even, bf16 const* odd) {
  u16_lanes low, high;
  __builtin_memcpy(&low, even, sizeof low);
  __builtin_memcpy(&high, odd, sizeof high);
  return __builtin_convertvector(low, u32_lanes) | __builtin_convertvector(high, u32_lanes) << 16;
}

}  // namespace simd

template <class = void>
inline void to_bf16(simd_tag, index_t n, float const* x, bf16* y) {
  using namespace simd;
  index_t i = 0;
  for (; i + bf16_lanes <= n; i += bf16_lanes) {
    u32_lanes u;
    __builtin_memcpy(&u, x + i, sizeof u);
    u32_lanes const rounded = (u + (0x7fffu + (u >> 16 & 1u))) >> 16, nan = u >> 16 | 0x40u;
    u16_lanes const v = __builtin_convertvector((u & 0x7fffffffu) > 0x7f800000u ? nan : rounded, u16_lanes);
    __builtin_memcpy(y + i, &v, sizeof v);
  }
  for (; i < n; ++i) y[i] = to_bf16(x[i]);
}

template <class = void>
inline void to_float(simd_tag, index_t n, bf16 const* x, float* y) {
  using namespace simd;
  index_t i = 0;
  for (; i + bf16_lanes <= n; i += bf16_lanes) {
    u16_lanes v;
    __builtin_memcpy(&v, x + i, sizeof v);
    u32_lanes const u = __builtin_convertvector(v, u32_lanes) << 16;
    __builtin_memcpy(y + i, &u, sizeof u);
  }
  for (; i < n; ++i) y[i] = to_float(x[i]);
}

}  // namespace petra::kernel
