// The sums of a register tile, which lie side by side in memory, onto their int8 grid, where all factors are small
// (runtime/high_scale.hpp): 9 instructions for 16 outputs, factors in registers for all rows of the tile.
#pragma once
#include "petra/runtime/high_scale.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace petra::inline PETRA_ABI::rt {

// are_high for up to 64 outputs at once; one after the other takes as long as the products of a single row.
template <class Rounding>
PETRA_INLINE bool are_all_high(std::int8_t const* shift, index_t n) noexcept {
  if constexpr (requires { Rounding::once; }) {
    __mmask64 const k = ~std::uint64_t{0} >> (64 - n);
    __m512i const above = _mm512_add_epi8(_mm512_maskz_loadu_epi8(k, shift), _mm512_set1_epi8(20));
    return _mm512_mask_cmpgt_epu8_mask(k, above, _mm512_set1_epi8(18)) == 0;
  } else {
    return false;
  }
}

// y (rows, 16 (Blocks - 1) + last) = onto_grid(requantize(sum (rows, 16 Blocks))); the grid's zero point is part of
// `scale`.
template <int Blocks>
[[gnu::noinline]] void requantize_high_rows(std::int32_t const* sum, index_t rows, index_t last,
                                            high_scale const* scale, output_grid const& grid, std::int8_t* y,
                                            index_t y_row) noexcept {
  high_scale factor[Blocks];
#pragma GCC unroll 4
  for (int b = 0; b < Blocks; ++b) factor[b] = scale[b];
  __m512i const lo = _mm512_set1_epi8(static_cast<std::int8_t>(grid.min)),
                hi = _mm512_set1_epi8(static_cast<std::int8_t>(grid.max)),
                order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  auto const mask = ~std::uint64_t{0} >> (64 - (16 * (Blocks - 1) + last));
  for (; rows > 0; --rows, sum += 16 * Blocks, y += y_row) {
    __m512i v[4];
#pragma GCC unroll 4
    for (int b = 0; b < 4; ++b) v[b] = b < Blocks ? factor[b](_mm512_loadu_si512(sum + 16 * b)) : v[0];
    __m512i const words = _mm512_packs_epi16(_mm512_packs_epi32(v[0], v[1]), _mm512_packs_epi32(v[2], v[3]));
    __m512i const held = _mm512_permutexvar_epi32(order, _mm512_min_epi8(_mm512_max_epi8(words, lo), hi));
    // What follows may read these bytes at once, and only a plain store hands them over.
    if (Blocks == 4 && last == 16)
      _mm512_storeu_si512(y, held);
    else
      _mm512_mask_storeu_epi8(y, mask, held);
  }
}

}  // namespace petra::rt

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#else

namespace petra::inline PETRA_ABI::rt {

template <class Rounding>
constexpr bool are_all_high(std::int8_t const*, index_t) noexcept {
  return false;
}
// Never called.
template <int Blocks>
inline void requantize_high_rows(std::int32_t const*, index_t, index_t, high_scale const*, output_grid const&,
                                 std::int8_t*, index_t) noexcept {}

}  // namespace petra::rt
#endif
