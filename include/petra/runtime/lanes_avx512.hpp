// i32x16 in one AVX-512 register (runtime/lanes.hpp says what it is).
#pragma once
#include "petra/runtime/requantize.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Warray-bounds"  // assembly that reads a part of its operand, by a mask
#endif

namespace petra::inline PETRA_ABI::rt {

struct i32x16 {
  __m512i v;

  PETRA_INLINE static __mmask16 first(index_t n) noexcept { return static_cast<__mmask16>(0xffffu >> (16 - n)); }
  PETRA_INLINE static i32x16 broadcast(std::int32_t a) noexcept { return {_mm512_set1_epi32(a)}; }
  // Reads n elements and no more.
  PETRA_INLINE static i32x16 load(std::int32_t const* p, index_t n) noexcept {
    return {_mm512_maskz_loadu_epi32(first(n), p)};
  }
  PETRA_INLINE static i32x16 load(std::int8_t const* p, index_t n) noexcept {
    // In assembly: as intrinsics the masked load is an instruction of its own.
    __m512i v;
    asm("{vpmovsxbd %1, %0%{%2%}%{z%}|vpmovsxbd %0%{%2%}%{z%}, %1}"
        : "=v"(v)
        : "m"(*reinterpret_cast<std::int8_t const(*)[16]>(p)), "Yk"(first(n)));
    return {v};
  }
  // Reads 16 elements.
  PETRA_INLINE static i32x16 load(std::int8_t const* p) noexcept {
    return {_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<__m128i const*>(p)))};
  }
  // round(p / scale), ties to even, saturated far outside int8; 0 for NaN. Reads n elements and no more.
  PETRA_INLINE static i32x16 nearest(float const* p, float scale, index_t n) noexcept {
    __m512 const v = _mm512_div_ps(_mm512_maskz_loadu_ps(first(n), p), _mm512_set1_ps(scale));
    // Too large converts to the most negative number, as too small does: right for the latter only.
    return {_mm512_maskz_cvtps_epi32(_mm512_cmp_ps_mask(v, v, _CMP_ORD_Q), _mm512_min_ps(v, _mm512_set1_ps(1024.f)))};
  }

  PETRA_INLINE friend i32x16 operator+(i32x16 a, i32x16 b) noexcept { return {_mm512_add_epi32(a.v, b.v)}; }
  PETRA_INLINE friend i32x16 operator-(i32x16 a, i32x16 b) noexcept { return {_mm512_sub_epi32(a.v, b.v)}; }
  PETRA_INLINE friend i32x16 operator*(i32x16 a, i32x16 b) noexcept { return {_mm512_mullo_epi32(a.v, b.v)}; }
  PETRA_INLINE friend i32x16 operator<<(i32x16 a, std::int32_t n) noexcept {
    return {_mm512_sllv_epi32(a.v, _mm512_set1_epi32(n))};
  }
  PETRA_INLINE friend i32x16 operator>>(i32x16 a, std::int32_t n) noexcept {
    return {_mm512_srav_epi32(a.v, _mm512_set1_epi32(n))};
  }
  PETRA_INLINE friend i32x16 hold(i32x16 a, i32x16 lo, i32x16 hi) noexcept {
    return {_mm512_min_epi32(_mm512_max_epi32(a.v, lo.v), hi.v)};
  }
};

// 64 outputs of a grid: packed, moved and held together. Packing works inside 128-bit quarters, so quarter q ends up
// with lanes 4q..4q+3 of the four vectors, and one permutation puts them in order.
struct narrower {
  __m512i zero, lo, hi, order;

  PETRA_INLINE static narrower make(output_grid const& g) noexcept {
    return {_mm512_set1_epi16(static_cast<std::int16_t>(g.zero)), _mm512_set1_epi8(static_cast<std::int8_t>(g.min)),
            _mm512_set1_epi8(static_cast<std::int8_t>(g.max)),
            _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)};
  }
  [[nodiscard]] PETRA_INLINE __m512i operator()(__m512i a, __m512i b, __m512i c, __m512i d) const noexcept {
    __m512i const ab = _mm512_adds_epi16(_mm512_packs_epi32(a, b), zero),
                  cd = _mm512_adds_epi16(_mm512_packs_epi32(c, d), zero);
    __m512i const held = _mm512_min_epi8(_mm512_max_epi8(_mm512_packs_epi16(ab, cd), lo), hi);
    return _mm512_permutexvar_epi32(order, held);
  }
};

// y (n) = onto_grid(a)
PETRA_INLINE void store(std::int8_t* y, i32x16 a, output_grid const& g, index_t n) noexcept {
  __m512i const r = narrower::make(g)(a.v, a.v, a.v, a.v);
  _mm_mask_storeu_epi8(y, i32x16::first(n), _mm512_castsi512_si128(r));
}
// Bytes of `rows` rows or fewer, 4 / Blocks of them at most, of which 16 (Blocks - 1) + last each are stored: those of the
// mask.
template <int Blocks>
PETRA_INLINE void put_rows(std::int8_t* y, index_t y_row, __m512i bytes, std::uint64_t mask, index_t rows) noexcept {
  if constexpr (Blocks == 4) {
    _mm512_mask_storeu_epi8(y, mask, bytes);
  } else if constexpr (Blocks == 2) {
    auto const k = static_cast<__mmask32>(mask);
    _mm256_mask_storeu_epi8(y, k, _mm512_castsi512_si256(bytes));
    if (rows > 1) _mm256_mask_storeu_epi8(y + y_row, k, _mm512_extracti64x4_epi64(bytes, 1));
  } else {
    auto const k = static_cast<__mmask16>(mask);
    _mm_mask_storeu_epi8(y, k, _mm512_castsi512_si128(bytes));
    if (rows > 1) _mm_mask_storeu_epi8(y + y_row, k, _mm512_extracti32x4_epi32(bytes, 1));
    if (rows > 2) _mm_mask_storeu_epi8(y + 2 * y_row, k, _mm512_extracti32x4_epi32(bytes, 2));
    if (rows > 3) _mm_mask_storeu_epi8(y + 3 * y_row, k, _mm512_extracti32x4_epi32(bytes, 3));
  }
}
template <int Blocks>
PETRA_INLINE std::uint64_t mask_of(index_t last) noexcept {
  return ~std::uint64_t{0} >> (64 - (16 * (Blocks - 1) + last));
}

// y (rows, 16 (Blocks - 1) + last) = onto_grid(a) for rows or fewer, 4 / Blocks of them at most.
template <int Blocks>
PETRA_INLINE void store_rows(std::int8_t* y, index_t y_row, i32x16 const (&a)[4], output_grid const& g, index_t last,
                             index_t rows) noexcept {
  __m512i const bytes = narrower::make(g)(a[0].v, a[1].v, a[2].v, a[3].v);
  put_rows<Blocks>(y, y_row, bytes, mask_of<Blocks>(last), rows);
}

// y (64) = onto_grid(a)
PETRA_INLINE void store(std::int8_t* y, i32x16 const (&a)[4], output_grid const& g) noexcept {
  _mm512_storeu_si512(y, narrower::make(g)(a[0].v, a[1].v, a[2].v, a[3].v));
}

// y (n) = float(a) * scale
PETRA_INLINE void store_scaled(float* y, i32x16 a, float const* scale, index_t n) noexcept {
  __mmask16 const k = i32x16::first(n);
  _mm512_mask_storeu_ps(y, k, _mm512_mul_ps(_mm512_cvtepi32_ps(a.v), _mm512_maskz_loadu_ps(k, scale)));
}

// As rounding::single, for factors below 1/4 (shift <= -2): the rounding bit then lies above the low 32 bits of the
// product, which are dropped at once. 6 instructions for 16 results.
struct high_requantizer {
  __m512i even, odd, half, right;

  PETRA_INLINE static high_requantizer broadcast(requant q) noexcept {
    __m512i const m = _mm512_set1_epi32(q.multiplier);
    return {m, m, _mm512_set1_epi32(std::int32_t{1} << (-2 - q.shift)), _mm512_set1_epi32(-1 - q.shift)};
  }
  [[nodiscard]] PETRA_INLINE i32x16 operator()(i32x16 a) const noexcept {
    __m512i const e = _mm512_mul_epi32(a.v, even), o = _mm512_mul_epi32(_mm512_srli_epi64(a.v, 32), odd);
    __m512i const high = _mm512_mask_shuffle_epi32(o, 0x5555, e, static_cast<_MM_PERM_ENUM>(0xf5));
    return {_mm512_srav_epi32(_mm512_add_epi32(high, half), right)};
  }
};

template <class Rounding>
struct requantizer;

// The products of even and odd lanes are 64 bits wide; odd ones are moved down by 32 bits on the way in and up on the
// way out. 8 instructions for 16 results.
template <>
struct requantizer<rounding::single> {
  __m512i even, odd;              // multipliers
  __m512i even_half, odd_half;    // 2^(right - 1)
  __m512i even_right, odd_right;  // 31 - shift

  PETRA_INLINE static requantizer make(__m512i multiplier, __m512i shift) noexcept {
    __m512i const right = _mm512_sub_epi32(_mm512_set1_epi32(31), shift), one = _mm512_set1_epi64(1);
    __m512i const even_right = _mm512_and_si512(right, _mm512_set1_epi64(63)), odd_right = _mm512_srli_epi64(right, 32);
    return {multiplier,
            _mm512_srli_epi64(multiplier, 32),
            _mm512_sllv_epi64(one, _mm512_sub_epi64(even_right, one)),
            _mm512_sllv_epi64(one, _mm512_sub_epi64(odd_right, one)),
            even_right,
            odd_right};
  }
  PETRA_INLINE static requantizer load(std::int32_t const* multiplier, std::int8_t const* shift, index_t n) noexcept {
    return make(i32x16::load(multiplier, n).v, i32x16::load(shift, n).v);
  }
  PETRA_INLINE static requantizer broadcast(requant q) noexcept {
    return make(_mm512_set1_epi32(q.multiplier), _mm512_set1_epi32(q.shift));
  }
  [[nodiscard]] PETRA_INLINE i32x16 operator()(i32x16 a) const noexcept {
    __m512i const e = _mm512_add_epi64(_mm512_mul_epi32(a.v, even), even_half);
    __m512i const o = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(a.v, 32), odd), odd_half);
    return {_mm512_mask_shuffle_epi32(_mm512_srav_epi64(e, even_right), 0xaaaa, _mm512_srav_epi64(o, odd_right),
                                      static_cast<_MM_PERM_ENUM>(0xa0))};
  }
};

template <>
struct requantizer<rounding::twice> {
  __m512i even, odd;          // multipliers
  __m512i left, right, mask;  // shifts; mask = 2^right - 1

  PETRA_INLINE static requantizer make(__m512i multiplier, __m512i shift) noexcept {
    __m512i const zero = _mm512_setzero_si512(), one = _mm512_set1_epi32(1);
    __m512i const right = _mm512_max_epi32(_mm512_sub_epi32(zero, shift), zero);
    return {multiplier, _mm512_srli_epi64(multiplier, 32), _mm512_max_epi32(shift, zero), right,
            _mm512_sub_epi32(_mm512_sllv_epi32(one, right), one)};
  }
  PETRA_INLINE static requantizer load(std::int32_t const* multiplier, std::int8_t const* shift, index_t n) noexcept {
    return make(i32x16::load(multiplier, n).v, i32x16::load(shift, n).v);
  }
  PETRA_INLINE static requantizer broadcast(requant q) noexcept {
    return make(_mm512_set1_epi32(q.multiplier), _mm512_set1_epi32(q.shift));
  }
  [[nodiscard]] PETRA_INLINE i32x16 operator()(i32x16 a) const noexcept {
    __m512i const x = _mm512_sllv_epi32(a.v, left), half = _mm512_set1_epi64(std::int64_t{1} << 30);
    __m512i const e = _mm512_srli_epi64(_mm512_add_epi64(_mm512_mul_epi32(x, even), half), 31);
    __m512i const o = _mm512_srli_epi64(_mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(x, 32), odd), half), 31);
    __m512i const high = _mm512_mask_shuffle_epi32(e, 0xaaaa, o, static_cast<_MM_PERM_ENUM>(0xa0));
    __m512i const negative = _mm512_srli_epi32(high, 31), rest = _mm512_and_si512(high, mask);
    __mmask16 const up = _mm512_cmpgt_epi32_mask(rest, _mm512_add_epi32(_mm512_srli_epi32(mask, 1), negative));
    __m512i const shifted = _mm512_srav_epi32(high, right);
    return {_mm512_mask_add_epi32(shifted, up, shifted, _mm512_set1_epi32(1))};
  }
};

}  // namespace petra::rt

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif
