// i32x16 in two AVX2 registers (runtime/lanes.hpp says what it is).
#pragma once
#include "petra/runtime/requantize.hpp"

#if defined(__AVX2__) && !(defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__))
#include <immintrin.h>

namespace petra::inline PETRA_ABI::rt {

struct i32x16 {
  __m256i lo, hi;

  PETRA_INLINE static i32x16 broadcast(std::int32_t a) noexcept { return {_mm256_set1_epi32(a), _mm256_set1_epi32(a)}; }
  // Reads n elements and no more.
  PETRA_INLINE static i32x16 load(std::int32_t const* p, index_t n) noexcept {
    if (n == 16)
      return {_mm256_loadu_si256(reinterpret_cast<__m256i const*>(p)),
              _mm256_loadu_si256(reinterpret_cast<__m256i const*>(p + 8))};
    alignas(32) std::int32_t t[16] = {};
    for (index_t i = 0; i < n; ++i) t[i] = p[i];
    return {_mm256_load_si256(reinterpret_cast<__m256i const*>(t)),
            _mm256_load_si256(reinterpret_cast<__m256i const*>(t + 8))};
  }
  PETRA_INLINE static i32x16 load(std::int8_t const* p, index_t n) noexcept {
    if (n == 16) return load(p);
    std::int8_t t[16] = {};
    for (index_t i = 0; i < n; ++i) t[i] = p[i];
    return load(t);
  }
  // Reads 16 elements.
  PETRA_INLINE static i32x16 load(std::int8_t const* p) noexcept {
    __m128i const v = _mm_loadu_si128(reinterpret_cast<__m128i const*>(p));
    return {_mm256_cvtepi8_epi32(v), _mm256_cvtepi8_epi32(_mm_srli_si128(v, 8))};
  }
  // round(p / scale), ties to even, saturated far outside int8; 0 for NaN. Reads n elements and no more.
  PETRA_INLINE static i32x16 nearest(float const* p, float scale, index_t n) noexcept {
    float t[16] = {};
    if (n < 16) {
      for (index_t i = 0; i < n; ++i) t[i] = p[i];
      p = t;
    }
    auto const half = [&](float const* q) {
      __m256 const v = _mm256_div_ps(_mm256_loadu_ps(q), _mm256_set1_ps(scale));
      // Too large converts to the most negative number, as too small does: right for the latter only.
      __m256i const r = _mm256_cvtps_epi32(_mm256_min_ps(v, _mm256_set1_ps(1024.f)));
      return _mm256_and_si256(r, _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_ORD_Q)));
    };
    return {half(p), half(p + 8)};
  }

  PETRA_INLINE friend i32x16 operator+(i32x16 a, i32x16 b) noexcept {
    return {_mm256_add_epi32(a.lo, b.lo), _mm256_add_epi32(a.hi, b.hi)};
  }
  PETRA_INLINE friend i32x16 operator-(i32x16 a, i32x16 b) noexcept {
    return {_mm256_sub_epi32(a.lo, b.lo), _mm256_sub_epi32(a.hi, b.hi)};
  }
  PETRA_INLINE friend i32x16 operator*(i32x16 a, i32x16 b) noexcept {
    return {_mm256_mullo_epi32(a.lo, b.lo), _mm256_mullo_epi32(a.hi, b.hi)};
  }
  PETRA_INLINE friend i32x16 operator<<(i32x16 a, std::int32_t n) noexcept {
    __m128i const count = _mm_cvtsi32_si128(n);
    return {_mm256_sll_epi32(a.lo, count), _mm256_sll_epi32(a.hi, count)};
  }
  PETRA_INLINE friend i32x16 operator>>(i32x16 a, std::int32_t n) noexcept {
    __m128i const count = _mm_cvtsi32_si128(n);
    return {_mm256_sra_epi32(a.lo, count), _mm256_sra_epi32(a.hi, count)};
  }
  PETRA_INLINE friend i32x16 hold(i32x16 a, i32x16 lo, i32x16 hi) noexcept {
    return {_mm256_min_epi32(_mm256_max_epi32(a.lo, lo.lo), hi.lo),
            _mm256_min_epi32(_mm256_max_epi32(a.hi, lo.hi), hi.hi)};
  }
};

// y (n) = onto_grid(a)
PETRA_INLINE void store(std::int8_t* y, i32x16 a, output_grid const& g, index_t n) noexcept {
  // Packing works inside 128-bit halves: (lo0 hi0 lo1 hi1) afterwards, back in order by one permutation of 64-bit
  // words.
  __m256i const words = _mm256_permute4x64_epi64(_mm256_packs_epi32(a.lo, a.hi), 0xd8);
  __m256i const moved = _mm256_adds_epi16(words, _mm256_set1_epi16(static_cast<std::int16_t>(g.zero)));
  __m256i const held = _mm256_min_epi16(_mm256_max_epi16(moved, _mm256_set1_epi16(static_cast<std::int16_t>(g.min))),
                                        _mm256_set1_epi16(static_cast<std::int16_t>(g.max)));
  __m128i const v = _mm_packs_epi16(_mm256_castsi256_si128(held), _mm256_extracti128_si256(held, 1));
  if (n == 16) return _mm_storeu_si128(reinterpret_cast<__m128i*>(y), v);
  std::int8_t t[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(t), v);
  for (index_t i = 0; i < n; ++i) y[i] = t[i];
}

// y (64) = onto_grid(a)
PETRA_INLINE void store(std::int8_t* y, i32x16 const (&a)[4], output_grid const& g) noexcept {
  for (index_t i = 0; i < 4; ++i) store(y + 16 * i, a[i], g, 16);
}

// y (n) = float(a) * scale
PETRA_INLINE void store_scaled(float* y, i32x16 a, float const* scale, index_t n) noexcept {
  float t[16];
  _mm256_storeu_ps(t, _mm256_cvtepi32_ps(a.lo));
  _mm256_storeu_ps(t + 8, _mm256_cvtepi32_ps(a.hi));
  for (index_t i = 0; i < n; ++i) y[i] = t[i] * scale[i];
}

// Bits 32.. of odd lanes from `odd`, the even lanes from `even`; each holds its result in the low half of 64 bits.
PETRA_INLINE __m256i interleave(__m256i even, __m256i odd) noexcept {
  return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
}

// As rounding::single, for factors below 1/4 (shift <= -2): the rounding bit then lies above the low 32 bits of the
// product, which are dropped at once.
struct high_requantizer {
  __m256i multiplier, half, right;

  PETRA_INLINE static high_requantizer broadcast(requant q) noexcept {
    return {_mm256_set1_epi32(q.multiplier), _mm256_set1_epi32(std::int32_t{1} << (-2 - q.shift)),
            _mm256_set1_epi32(-1 - q.shift)};
  }
  [[nodiscard]] PETRA_INLINE __m256i operator()(__m256i a) const noexcept {
    __m256i const e = _mm256_mul_epi32(a, multiplier), o = _mm256_mul_epi32(_mm256_srli_epi64(a, 32), multiplier);
    __m256i const high = _mm256_blend_epi32(_mm256_srli_epi64(e, 32), o, 0xaa);
    return _mm256_srav_epi32(_mm256_add_epi32(high, half), right);
  }
  [[nodiscard]] PETRA_INLINE i32x16 operator()(i32x16 a) const noexcept { return {(*this)(a.lo), (*this)(a.hi)}; }
};

template <class Rounding>
struct requantizer;

// AVX2 has no arithmetic 64-bit shift: 2^62 makes every product positive, and what it leaves behind, 2^(62 - right), is
// taken away afterwards.
template <>
struct requantizer<rounding::single> {
  struct half {
    __m256i even, odd, even_add, odd_add, even_right, odd_right, excess;

    PETRA_INLINE static half make(__m256i multiplier, __m256i shift) noexcept {
      __m256i const right = _mm256_sub_epi32(_mm256_set1_epi32(31), shift), one = _mm256_set1_epi64x(1);
      __m256i const even_right = _mm256_and_si256(right, _mm256_set1_epi64x(63)),
                    odd_right = _mm256_srli_epi64(right, 32);
      __m256i const lift = _mm256_set1_epi64x(std::int64_t{1} << 62);
      auto const add = [&](__m256i r) {
        return _mm256_add_epi64(lift, _mm256_sllv_epi64(one, _mm256_sub_epi64(r, one)));
      };
      return {multiplier,
              _mm256_srli_epi64(multiplier, 32),
              add(even_right),
              add(odd_right),
              even_right,
              odd_right,
              interleave(_mm256_srlv_epi64(lift, even_right), _mm256_srlv_epi64(lift, odd_right))};
    }
    [[nodiscard]] PETRA_INLINE __m256i operator()(__m256i a) const noexcept {
      __m256i const e = _mm256_add_epi64(_mm256_mul_epi32(a, even), even_add);
      __m256i const o = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(a, 32), odd), odd_add);
      return _mm256_sub_epi32(interleave(_mm256_srlv_epi64(e, even_right), _mm256_srlv_epi64(o, odd_right)), excess);
    }
  };
  half lo, hi;

  PETRA_INLINE static requantizer load(std::int32_t const* multiplier, std::int8_t const* shift, index_t n) noexcept {
    i32x16 const m = i32x16::load(multiplier, n), s = i32x16::load(shift, n);
    return {half::make(m.lo, s.lo), half::make(m.hi, s.hi)};
  }
  PETRA_INLINE static requantizer broadcast(requant q) noexcept {
    half const h = half::make(_mm256_set1_epi32(q.multiplier), _mm256_set1_epi32(q.shift));
    return {h, h};
  }
  [[nodiscard]] PETRA_INLINE i32x16 operator()(i32x16 a) const noexcept { return {lo(a.lo), hi(a.hi)}; }
};

template <>
struct requantizer<rounding::twice> {
  struct half {
    __m256i even, odd, left, right, mask;

    PETRA_INLINE static half make(__m256i multiplier, __m256i shift) noexcept {
      __m256i const zero = _mm256_setzero_si256(), one = _mm256_set1_epi32(1);
      __m256i const right = _mm256_max_epi32(_mm256_sub_epi32(zero, shift), zero);
      return {multiplier, _mm256_srli_epi64(multiplier, 32), _mm256_max_epi32(shift, zero), right,
              _mm256_sub_epi32(_mm256_sllv_epi32(one, right), one)};
    }
    [[nodiscard]] PETRA_INLINE __m256i operator()(__m256i a) const noexcept {
      __m256i const x = _mm256_sllv_epi32(a, left), nudge = _mm256_set1_epi64x(std::int64_t{1} << 30);
      __m256i const e = _mm256_add_epi64(_mm256_mul_epi32(x, even), nudge);
      __m256i const o = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), odd), nudge);
      __m256i const high = interleave(_mm256_srli_epi64(e, 31), _mm256_srli_epi64(o, 31));
      __m256i const negative = _mm256_srli_epi32(high, 31), rest = _mm256_and_si256(high, mask);
      __m256i const up = _mm256_cmpgt_epi32(rest, _mm256_add_epi32(_mm256_srli_epi32(mask, 1), negative));
      return _mm256_sub_epi32(_mm256_srav_epi32(high, right), up);
    }
  };
  half lo, hi;

  PETRA_INLINE static requantizer load(std::int32_t const* multiplier, std::int8_t const* shift, index_t n) noexcept {
    i32x16 const m = i32x16::load(multiplier, n), s = i32x16::load(shift, n);
    return {half::make(m.lo, s.lo), half::make(m.hi, s.hi)};
  }
  PETRA_INLINE static requantizer broadcast(requant q) noexcept {
    half const h = half::make(_mm256_set1_epi32(q.multiplier), _mm256_set1_epi32(q.shift));
    return {h, h};
  }
  [[nodiscard]] PETRA_INLINE i32x16 operator()(i32x16 a) const noexcept { return {lo(a.lo), hi(a.hi)}; }
};

}  // namespace petra::rt
#endif
