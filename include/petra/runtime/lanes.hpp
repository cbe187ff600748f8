// i32x16: sixteen int32 side by side, the accumulators of sixteen channels, and their way back to int8.
//
// Three forms with the same bits, of which the instruction set picks one: an AVX-512 register, two AVX2 registers, an
// array that compilers vectorize (SSE2, NEON). Each brings `requantizer<Rounding>`, the factors of sixteen channels in
// the order its multiplications want them. A count `n` says how many lanes are in use, 1 to 16: the others are not
// stored. hold(a, lo, hi) is a held in [lo, hi], lane by lane.
#pragma once
#include "petra/runtime/lanes_avx2.hpp"
#include "petra/runtime/lanes_avx512.hpp"
#include "petra/runtime/lanes_portable.hpp"

#if !(defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__))
namespace petra::inline PETRA_ABI::rt {

// y (rows, 16 (Blocks - 1) + last) = onto_grid(a) for rows or fewer, 4 / Blocks of them at most.
template <int Blocks>
PETRA_INLINE void store_rows(std::int8_t* y, index_t y_row, i32x16 const (&a)[4], output_grid const& g, index_t last,
                             index_t rows) noexcept {
  for (index_t i = 0; i < 4 && i / Blocks < rows; ++i)
    store(y + i / Blocks * y_row + i % Blocks * 16, a[i], g, i % Blocks + 1 < Blocks ? 16 : last);
}

}  // namespace petra::rt
#endif
