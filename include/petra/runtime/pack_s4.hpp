// int4 weights, two per byte, in groups of inputs that share an integer scale: extents, layout, and how it is made.
//
// Panels of 64 outputs, the last as narrow as what is left. Inside a panel [ceil(C / 8)][n][4] bytes: eight inputs of
//   one output lie in four bytes, inputs 0..3 in their low halves, 4..7 in the high ones, each as w + 8 (0..15). So one
//   mask yields four inputs of 16 outputs as VPDPBUSD takes them, unsigned; the high ones stay where they are, sixteen
//   times as large, until their group is over. Each group begins a new byte: its length is a multiple of 8, or it is
//   the last. What is missing at the end of a row is 8, that is 0.
// Scales: panels, inside one [groups][n].
// Packed arrays are exact: no kernel reads behind them.
#pragma once
#include "petra/runtime/dense_rows.hpp"

namespace petra::inline PETRA_ABI::rt {

// M rows of C inputs, O outputs; out_min = out_zero is a ReLU. `group` inputs share one scale: a multiple of 8, or at
// least C (then scales of 1 make it a dense layer with one scale per output).
// Pre: ceil(C / group) <= max_s4_groups; 2040 C max |scale| + max |bias| < 2^31 (32-bit sums).
struct dense_s4_shape {
  index_t m = 1, c = 1, o = 1, group = 32;
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
};

inline constexpr index_t max_s4_groups = 256;

constexpr index_t groups(dense_s4_shape const& s) noexcept { return (s.c + s.group - 1) / s.group; }
constexpr index_t octets(dense_s4_shape const& s) noexcept { return (s.c + 7) / 8; }
constexpr index_t packed_size(dense_s4_shape const& s) noexcept { return s.o * octets(s) * 4; }
constexpr index_t packed_scales(dense_s4_shape const& s) noexcept { return s.o * groups(s); }

// Weights (O, C) in [-8, 7] -> packed.
constexpr void pack(dense_s4_shape const& s, std::int8_t const* w, std::uint8_t* packed) noexcept {
  auto const half = [&](index_t o, index_t i) { return i < s.c ? w[o * s.c + i] + 8 : 8; };
  for (index_t panel = 0; panel < s.o; panel += panel_outputs)
    for (index_t i = 0; i < s.c; i += 8)
      for (index_t o = panel; o < s.o && o < panel + panel_outputs; ++o)
        for (index_t j = i; j < i + 4; ++j) *packed++ = static_cast<std::uint8_t>(half(o, j) | (half(o, j + 4) << 4));
}

// Scales (O, groups) -> packed.
constexpr void pack_scales(dense_s4_shape const& s, std::int8_t const* scale, std::int8_t* packed) noexcept {
  for (index_t panel = 0; panel < s.o; panel += panel_outputs)
    for (index_t g = 0; g < groups(s); ++g)
      for (index_t o = panel; o < s.o && o < panel + panel_outputs; ++o) *packed++ = scale[o * groups(s) + g];
}

// The bias that the kernel takes: folded[o] = bias[o] - in_zero * sum_k scale[o][group of k] * w[o][k]. Neither is
// packed.
constexpr void fold_bias(dense_s4_shape const& s, std::int8_t const* w, std::int8_t const* scale,
                         std::int32_t const* bias, std::int32_t in_zero, std::int32_t* folded) noexcept {
  for (index_t o = 0; o < s.o; ++o) {
    std::int32_t sum = 0;
    for (index_t k = 0; k < s.c; ++k) sum += scale[o * groups(s) + k / s.group] * w[o * s.c + k];
    folded[o] = bias[o] - in_zero * sum;
  }
}

}  // namespace petra::rt
