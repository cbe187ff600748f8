// How convolutions in bf16 keep their weights, and the memory that they lay their inputs out in.
//
// Weights: blocks of 16 outputs, the last one as narrow as what is left: nothing is padded along O. Inside a block
// [KH][ceil(KW * C / 2)][n][2]: a pair of neighboring inputs fills a word of the size of a float, one vector holds the
// pairs of 16 outputs, what VDPBF16PS takes. A kernel row is one run of KW * C inputs; where that is odd its last pair
// ends in a zero.
// Inputs: rows of the map, rounded to bf16, a band of them at a time, so that a band stays in L1 or near it.
// Packed arrays are exact: no kernel reads behind them.
#pragma once
#include "petra/runtime/bf16.hpp"
#include "petra/runtime/conv_shape.hpp"

namespace petra::inline PETRA_ABI::rt {

// Groups of two inputs that a kernel row takes.
constexpr index_t pairs(conv_f32_shape const& s) noexcept { return (s.kernel_w * s.in.c + 1) / 2; }

// Numbers of the packed weights: what an emitted header carries.
constexpr index_t packed_size_bf16(conv_f32_shape const& s) noexcept { return s.out.c * s.kernel_h * pairs(s) * 2; }

// Weights (O, KH, KW, C) -> packed, rounded. Pre: s.groups == 1.
[[gnu::cold]] constexpr void pack_bf16(conv_f32_shape const& s, float const* w, std::uint16_t* packed) noexcept {
  index_t const run = s.kernel_w * s.in.c, taps = s.kernel_h * run;
  for (index_t first = 0; first < s.out.c; first += 16) {
    index_t const n = s.out.c - first < 16 ? s.out.c - first : 16;
    for (index_t kh = 0; kh < s.kernel_h; ++kh)
      for (index_t i = 0; i < 2 * pairs(s); i += 2)
        for (index_t o = first; o < first + n; ++o) {
          *packed++ = round_to_bf16(w[o * taps + kh * run + i]);
          *packed++ = i + 1 < run ? round_to_bf16(w[o * taps + kh * run + i + 1]) : std::uint16_t{0};
        }
  }
}

// Numbers of a band, about: 32 KB.
inline constexpr index_t band_numbers = 16384;

// Whether pixels are the rows of a matrix product, whatever the height and width of the map.
constexpr bool is_pixelwise(conv_f32_shape const& s) noexcept {
  bool const framed = s.in.halo > 0 || s.in.halo_h > 0 || s.out.halo > 0 || s.out.halo_h > 0;
  return s.kernel_h == 1 && s.kernel_w == 1 && s.stride == 1 && !framed;
}
// The same product as a map with rows of as many pixels as make a band, and a map of one row for the pixels left over.
constexpr conv_f32_shape in_bands(conv_f32_shape s) noexcept {
  index_t const all = s.in.pixels(), fit = band_numbers / s.in.c / 16 * 16, most = fit < 16 ? 16 : fit;
  s.in.h = s.out.h = all < most ? 1 : all / most;
  s.in.w = s.out.w = all < most ? all : most;
  return s;
}
constexpr conv_f32_shape rest_of_bands(conv_f32_shape s) noexcept {
  s.in.w = s.out.w = s.in.pixels() - in_bands(s).in.pixels();
  s.in.h = s.out.h = 1;
  return s;
}

// Rows of the output whose inputs are rounded at a time.
constexpr index_t band_rows(conv_f32_shape const& s) noexcept {
  index_t const rows = (band_numbers / s.in.row() - s.kernel_h) / s.stride + 1, most = rows < 1 ? 1 : rows;
  index_t const bands = (s.out.h + most - 1) / most;
  return (s.out.h + bands - 1) / bands;
}

// Numbers of the memory that conv2d_bf16 needs: a band, and a partner for its last number.
constexpr index_t conv_bf16_scratch(conv_f32_shape const& s) noexcept {
  conv_f32_shape const t = is_pixelwise(s) ? in_bands(s) : s;
  return (((band_rows(t) - 1) * t.stride + t.kernel_h) * t.in.row() + 2) / 2 * 2;
}

}  // namespace petra::rt
