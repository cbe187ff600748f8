// The sums of a register tile, read back from memory, onto the grid of the output.
//
// y (rows, 16 (Blocks - 1) + last) = onto_grid(requantize(sum (rows, 16 Blocks)))    a factor per column
//
// requantized_panel<Rounding, Blocks> holds the factors of its columns, prepared once for all rows. With AVX-512 VNNI and
// factors that all are `high` (runtime/high_scale.hpp), as those of layers are, four vectors are packed, held and stored
// together: 64 x 64 x 64 to int8 takes 0.83 us instead of 1.02.
#pragma once
#include "petra/runtime/high_scale.hpp"
#include "petra/runtime/lanes.hpp"

namespace petra::inline PETRA_ABI::rt {

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
// 64 outputs at a time: of one, two or four rows. Sums of lanes without an output must be there and mean nothing.
template <int Blocks>
PETRA_INLINE void store_high_rows(std::int32_t const* sum, index_t rows, high_scale const (&factor)[Blocks],
                                  output_grid const& grid, index_t last, std::int8_t* y, index_t y_row) noexcept {
  constexpr int together = 4 / Blocks, width = 16 * Blocks;
  __m512i const lo = _mm512_set1_epi8(static_cast<std::int8_t>(grid.min)),
                hi = _mm512_set1_epi8(static_cast<std::int8_t>(grid.max)),
                order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  std::uint64_t const mask = mask_of<Blocks>(last);
  for (index_t r = 0; r < rows; r += together, sum += 64, y += together * y_row) {
    index_t const left = rows - r;
    auto const at = [&](int i) __attribute__((always_inline)) {
      int const row = i / Blocks < left ? i / Blocks : 0;
      return factor[i % Blocks](_mm512_loadu_si512(sum + row * width + i % Blocks * 16));
    };
    __m512i const words = _mm512_packs_epi16(_mm512_packs_epi32(at(0), at(1)), _mm512_packs_epi32(at(2), at(3)));
    __m512i const v = _mm512_permutexvar_epi32(order, _mm512_min_epi8(_mm512_max_epi8(words, lo), hi));
    put_rows<Blocks>(y, y_row, v, mask, left);
  }
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#else
template <int Blocks>
constexpr void store_high_rows(std::int32_t const*, index_t, high_scale const (&)[Blocks], output_grid const&, index_t,
                               std::int8_t*, index_t) noexcept {}
#endif

template <class Rounding, int Blocks>
struct requantized_panel {
  union {
    requantizer<Rounding> scale[Blocks];
    high_scale high[Blocks];
  };
  output_grid grid;
  index_t last;
  bool all_high;

  PETRA_INLINE requantized_panel(std::int32_t const* multiplier, std::int8_t const* shift, index_t last_outputs,
                                 output_grid const& g) noexcept
      : grid(g), last(last_outputs), all_high(are_high<Rounding>(shift, 16 * (Blocks - 1) + last_outputs)) {
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) {
      index_t const n = b + 1 < Blocks ? 16 : last;
      if (all_high)
        high[b] = high_scale::load(multiplier + 16 * b, shift + 16 * b, n, grid.zero);
      else
        scale[b] = requantizer<Rounding>::load(multiplier + 16 * b, shift + 16 * b, n);
    }
  }
  PETRA_INLINE void store_rows(std::int32_t const* sum, index_t rows, std::int8_t* y, index_t y_row) const noexcept {
    if (all_high) return store_high_rows(sum, rows, high, grid, last, y, y_row);
    for (index_t r = 0; r < rows; ++r, y += y_row, sum += 16 * Blocks)
      for (int b = 0; b < Blocks; ++b) {
        index_t const n = b + 1 < Blocks ? 16 : last;
        store(y + 16 * b, scale[b](i32x16::load(sum + 16 * b, n)), grid, n);
      }
  }
  [[gnu::noinline]] void operator()(std::int32_t const* sum, index_t rows, std::int8_t* y,
                                    index_t y_row) const noexcept {
    store_rows(sum, rows, y, y_row);
  }
};

// One row, its factors never in memory: a layer at batch 1 uses each once.
template <class Rounding, int Blocks>
[[gnu::noinline]] void requantize_row(std::int32_t const* sum, std::int32_t const* multiplier, std::int8_t const* shift,
                                      index_t last, output_grid const& grid, std::int8_t* y) noexcept {
  if (are_high<Rounding>(shift, 16 * (Blocks - 1) + last)) {
    high_scale factor[Blocks];
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b)
      factor[b] = high_scale::load(multiplier + 16 * b, shift + 16 * b, b + 1 < Blocks ? 16 : last, grid.zero);
    return store_high_rows(sum, 1, factor, grid, last, y, 0);
  }
  for (int b = 0; b < Blocks; ++b) {
    index_t const n = b + 1 < Blocks ? 16 : last;
    auto const factor = requantizer<Rounding>::load(multiplier + 16 * b, shift + 16 * b, n);
    store(y + 16 * b, factor(i32x16::load(sum + 16 * b, n)), grid, n);
  }
}

}  // namespace petra::rt
