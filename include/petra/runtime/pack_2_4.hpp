// 2:4 weights: of every four inputs an output has at most two weights that are not zero, kept with their places.
//
// Panels of 64 outputs, the last as narrow as what is left (n). Inside, for every 32 inputs, [n][4] bytes of places, then
//   for every 8 of these inputs [n][4] weights: two of inputs 0..3, two of inputs 4..7. Bits 2 t and 2 t + 1 of a byte of
//   places say where among its four inputs the weight of step t is. Weights that are not there are 0.
// 80 bytes for what dense weights need 128. Packed arrays are exact: no kernel reads behind them.
#pragma once
#include "petra/runtime/dense_rows.hpp"

namespace petra::inline PETRA_ABI::rt {

// M rows of C inputs, O outputs; out_min = out_zero is a ReLU. Pre: C <= 131072 (32-bit sums).
struct dense_2_4_shape {
  index_t m = 1, c = 1, o = 1;
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
};

constexpr index_t packed_size(dense_2_4_shape const& s) noexcept { return s.o * 4 * ((s.c + 31) / 32 + (s.c + 7) / 8); }

// Whether weights (O, C) are 2:4.
constexpr bool is_2_4(dense_2_4_shape const& s, std::int8_t const* w) noexcept {
  for (index_t o = 0; o < s.o; ++o)
    for (index_t first = 0; first < s.c; first += 4) {
      int count = 0;
      for (index_t i = first; i < s.c && i < first + 4; ++i) count += w[o * s.c + i] != 0;
      if (count > 2) return false;
    }
  return true;
}

// The place, 0 to 3, of weight `which` (0 or 1) of the four at `first`; -1 if there is none.
constexpr index_t place_2_4(dense_2_4_shape const& s, std::int8_t const* w, index_t o, index_t first,
                            index_t which) noexcept {
  for (index_t i = 0; i < 4; ++i)
    if (first + i < s.c && w[o * s.c + first + i] != 0 && which-- == 0) return i;
  return -1;
}

// Weights (O, C) -> packed. Pre: is_2_4.
constexpr void pack(dense_2_4_shape const& s, std::int8_t const* w, std::int8_t* packed) noexcept {
  for (index_t panel = 0; panel < s.o; panel += panel_outputs) {
    index_t const end = s.o - panel < panel_outputs ? s.o : panel + panel_outputs;
    for (index_t chunk = 0; chunk < s.c; chunk += 32) {
      for (index_t o = panel; o < end; ++o)
        for (index_t j = 0; j < 4; ++j) {
          unsigned places = 0;
          for (index_t t = 0; t < 4; ++t) {
            index_t const place = place_2_4(s, w, o, chunk + 8 * t + j / 2 * 4, j % 2);
            places |= static_cast<unsigned>(place < 0 ? 0 : place) << (2 * t);
          }
          *packed++ = static_cast<std::int8_t>(static_cast<std::uint8_t>(places));
        }
      for (index_t step = chunk; step < s.c && step < chunk + 32; step += 8)
        for (index_t o = panel; o < end; ++o)
          for (index_t j = 0; j < 4; ++j) {
            index_t const first = step + j / 2 * 4, place = place_2_4(s, w, o, first, j % 2);
            *packed++ = place < 0 ? std::int8_t{0} : w[o * s.c + first + place];
          }
    }
  }
}

// The bias that the kernel takes, as for dense layers: folded[o] = bias[o] - (in_zero + 128) * sum_k w[o][k].
constexpr void fold_bias(dense_2_4_shape const& s, std::int8_t const* w, std::int32_t const* bias, std::int32_t in_zero,
                         std::int32_t* folded) noexcept {
  for (index_t o = 0; o < s.o; ++o) {
    std::int32_t sum = 0;
    for (index_t k = 0; k < s.c; ++k) sum += w[o * s.c + k];
    folded[o] = bias[o] - (in_zero + 128) * sum;
  }
}

}  // namespace petra::rt
