// rounding::single for 16 outputs whose factors all lie in [2^-22, 1/4): shift in [-20, -2], as those of convolutions do.
//
// zero + round(acc * multiplier / 2^(31 - shift)) = (high(acc * multiplier) + 2^(-2 - shift) + zero * 2^(-1 - shift))
// >> (-1 - shift)
//
// where high(v) is v / 2^32 rounded down: the rounding bit lies above the low half of the product, which is dropped at
// once, and the zero point rides on it. 6 instructions instead of 8 and a sum; nothing overflows: |high| < 2^30, the
// rest < 2^27.
#pragma once
#include "petra/runtime/requantize.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include "petra/runtime/lanes_avx512.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace petra::inline PETRA_ABI::rt {

struct high_scale {
  __m512i even, odd, start, right;

  PETRA_INLINE static high_scale load(std::int32_t const* multiplier, std::int8_t const* shift, index_t n,
                                      std::int32_t zero) noexcept {
    __m512i const m = i32x16::load(multiplier, n).v, one = _mm512_set1_epi32(1);
    __m512i const right = _mm512_sub_epi32(_mm512_set1_epi32(-1), i32x16::load(shift, n).v);
    return {m, _mm512_srli_epi64(m, 32),
            _mm512_add_epi32(_mm512_sllv_epi32(one, _mm512_sub_epi32(right, one)),
                             _mm512_sllv_epi32(_mm512_set1_epi32(zero), right)),
            right};
  }
  [[nodiscard]] PETRA_INLINE __m512i operator()(__m512i a) const noexcept {
    __m512i const e = _mm512_mul_epi32(a, even), o = _mm512_mul_epi32(_mm512_srli_epi64(a, 32), odd);
    __m512i const high = _mm512_mask_shuffle_epi32(o, 0x5555, e, static_cast<_MM_PERM_ENUM>(0xf5));
    return _mm512_srav_epi32(_mm512_add_epi32(high, start), right);
  }
  [[nodiscard]] PETRA_INLINE i32x16 operator()(i32x16 a) const noexcept { return {(*this)(a.v)}; }
};
inline constexpr bool has_high_scale = true;

// Whether these factors are: 64 of them at a time, since a layer of one row asks as often as it computes.
template <class Rounding>
inline bool are_high(std::int8_t const* shift, index_t n) noexcept {
  if constexpr (requires { Rounding::once; }) {
    for (index_t i = 0; i < n; i += 64) {
      auto const k = n - i < 64 ? ~std::uint64_t{0} >> (64 - (n - i)) : ~std::uint64_t{0};
      __m512i const below = _mm512_sub_epi8(_mm512_set1_epi8(-2), _mm512_maskz_loadu_epi8(k, shift + i));
      if (_mm512_mask_cmple_epu8_mask(k, below, _mm512_set1_epi8(18)) != k) return false;
    }
    return true;
  } else {
    return false;
  }
}

}  // namespace petra::rt

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#else

namespace petra::inline PETRA_ABI::rt {

// Other instruction sets have no use for it.
struct high_scale {
  static constexpr high_scale load(std::int32_t const*, std::int8_t const*, index_t, std::int32_t) noexcept {
    return {};
  }
};
inline constexpr bool has_high_scale = false;
template <class Rounding>
constexpr bool are_high(std::int8_t const*, index_t) noexcept {
  return false;
}

}  // namespace petra::rt
#endif
