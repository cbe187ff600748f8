// The layouts in which kernels read their weights, and the functions that make them (at search time, or constexpr).
//
// int8, one group: blocks of 16 outputs, the last block as narrow as what is left: nothing is padded along O. Inside a
//   block [KH][ceil(KW * C / 4)][n][4]: one 64-byte load holds four inputs of 16 outputs, what VPDPBUSD takes. A kernel
//   row is one run of KW * C inputs in a channels-last map, so four inputs may straddle pixels; only its end is padded,
//   by zeros.
// float, one group: blocks of 16 outputs, inside a block [KH * KW * C][n].
// Depthwise: [KH * KW][C]. Other groups: as they are, (O, KH, KW, C / groups).
// Packed arrays are exact: no kernel reads behind them.
#pragma once
#include "petra/runtime/conv_shape.hpp"

namespace petra::inline PETRA_ABI::rt {

// Outputs per block of packed weights: 16 int32 or float are one 512-bit vector.
inline constexpr index_t block_outputs = 16;

// Groups of four inputs that a kernel row takes.
constexpr index_t quads(conv_shape const& s) noexcept { return (s.kernel_w * s.in.c + 3) / 4; }

// Elements of the packed weights: what an emitted header carries.
constexpr index_t packed_size(conv_shape const& s) noexcept {
  if (s.groups == 1) return s.out.c * s.kernel_h * quads(s) * 4;
  return s.out.c * s.kernel_h * s.kernel_w * (s.in.c / s.groups);
}
constexpr index_t packed_size(conv_f32_shape const& s) noexcept {
  return s.out.c * s.kernel_h * s.kernel_w * (s.in.c / s.groups);
}

// Weights (O, KH, KW, C / groups) -> packed.
constexpr void pack(conv_shape const& s, std::int8_t const* w, std::int8_t* packed) noexcept {
  index_t const run = s.kernel_w * (s.in.c / s.groups), taps = s.kernel_h * run;
  if (s.groups == 1) {
    for (index_t first = 0; first < s.out.c; first += block_outputs) {
      index_t const n = s.out.c - first < block_outputs ? s.out.c - first : block_outputs;
      for (index_t kh = 0; kh < s.kernel_h; ++kh)
        for (index_t q = 0; q < quads(s); ++q)
          for (index_t o = 0; o < n; ++o)
            for (index_t i = 4 * q; i < 4 * q + 4; ++i)
              *packed++ = i < run ? w[(first + o) * taps + kh * run + i] : std::int8_t{0};
    }
  } else if (is_depthwise(s)) {
    for (index_t k = 0; k < taps; ++k)
      for (index_t c = 0; c < s.out.c; ++c) *packed++ = w[c * taps + k];
  } else {
    for (index_t i = 0; i < s.out.c * taps; ++i) packed[i] = w[i];
  }
}
constexpr void pack(conv_f32_shape const& s, float const* w, float* packed) noexcept {
  index_t const taps = s.kernel_h * s.kernel_w * (s.in.c / s.groups);
  if (s.groups != 1 && !is_depthwise(s)) {
    for (index_t i = 0; i < s.out.c * taps; ++i) packed[i] = w[i];
    return;
  }
  index_t const block = s.groups == 1 ? block_outputs : s.out.c;
  for (index_t first = 0; first < s.out.c; first += block) {
    index_t const n = s.out.c - first < block ? s.out.c - first : block;
    for (index_t k = 0; k < taps; ++k)
      for (index_t o = 0; o < n; ++o) *packed++ = w[(first + o) * taps + k];
  }
}

// The bias that int8 kernels take. They sum (x + 128) * w, unsigned times signed, over all taps, padding included (it
// holds in_zero), so folded[o] = bias[o] - (in_zero + 128) * sum_k w[o][k]. w is not packed.
constexpr void fold_bias(conv_shape const& s, std::int8_t const* w, std::int32_t const* bias, std::int32_t in_zero,
                         std::int32_t* folded) noexcept {
  index_t const taps = s.kernel_h * s.kernel_w * (s.in.c / s.groups);
  for (index_t o = 0; o < s.out.c; ++o) {
    std::int32_t sum = 0;
    for (index_t k = 0; k < taps; ++k) sum += w[o * taps + k];
    folded[o] = bias[o] - (in_zero + 128) * sum;
  }
}

}  // namespace petra::rt
