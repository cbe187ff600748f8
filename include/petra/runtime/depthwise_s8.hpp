// int8 depthwise convolution (one filter per channel) with bias, requantization and clamp; fills the frame of its
// output.
//
// y (OH,OW,C) = clamp(out_zero + requantize(bias + sum (x + 128) * w))    x (H,W,C), w packed [KH * KW][C]
//
// Where C divides 16 and the stride is 1, a row is one run of W * C bytes with all factors repeated: 8 channels fill
// whole vectors too (AVX-512).
// Source: TensorFlow Lite int8 specification, DEPTHWISE_CONV_2D. Bit-exact everywhere. Deterministic.
// Pre: those of conv_shape; groups == in.c == out.c; bias folded (fold_bias).
#pragma once
#include "petra/runtime/conv_shape.hpp"
#include "petra/runtime/depthwise_tile_avx512.hpp"
#include "petra/runtime/halo.hpp"
#include "petra/runtime/lanes.hpp"
#include "petra/runtime/row_tiles.hpp"

namespace petra::inline PETRA_ABI::rt {

// sum[p] += the taps of Pixels neighbors in one row, n of 16 channels.
template <int Pixels>
PETRA_INLINE void accumulate_taps(conv_shape const& s, std::int8_t const* x, std::int8_t const* w, index_t n,
                                  i32x16 (&sum)[Pixels]) noexcept {
  for (index_t kh = 0; kh < s.kernel_h; ++kh)
    for (index_t kw = 0; kw < s.kernel_w; ++kw, w += s.in.c) {
      i32x16 const weight = i32x16::load(w, n);
#pragma GCC unroll 64
      for (int p = 0; p < Pixels; ++p)
        sum[p] = sum[p] + i32x16::load(x + kh * s.in.row() + (kw * s.dilation + p * s.stride) * s.in.c, n) * weight;
    }
}

// Channels [first, first + n) by products of 32-bit lanes.
template <class Rounding>
inline void depthwise_lanes(conv_shape const& s, index_t first, index_t n, std::int8_t const* x, std::int8_t const* w,
                            std::int32_t const* bias, std::int32_t const* multiplier, std::int8_t const* shift,
                            std::int8_t* y) noexcept {
  output_grid const grid{s.out_zero, s.out_min, s.out_max};
  requantizer<Rounding> const scale = requantizer<Rounding>::load(multiplier + first, shift + first, n);
  // sum (x + 128) w = 128 sum w + sum x w: the first part once, so that a tap costs a load, a product and a sum.
  i32x16 start = i32x16::load(bias + first, n);
  for (index_t k = 0; k < s.kernel_h * s.kernel_w; ++k) start = start + (i32x16::load(w + k * s.in.c + first, n) << 7);
  for (index_t oy = 0; oy < s.out.h; ++oy) {
    std::int8_t const* p = x + window(s, oy, 0) + first;
    std::int8_t* q = y + s.out.origin() + oy * s.out.row() + first;
    auto const pixels = [&](auto& sum) {
      for (auto& v : sum) v = start;
      accumulate_taps(s, p, w + first, n, sum);
      for (auto& v : sum) {
        store(q, scale(v), grid, n);
        q += s.out.c;
        p += s.stride * s.in.c;
      }
    };
    index_t ox = 0;
    for (i32x16 four[4]; ox + 4 <= s.out.w; ox += 4) pixels(four);
    for (i32x16 one[1]; ox < s.out.w; ++ox) pixels(one);
  }
}

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512VBMI__)

template <bool Full, class Rounding>
struct depthwise_tiles_s8 {
  using function = void (*)(std::int8_t const*, depthwise_row_s8 const&, conv_factors_s8<Rounding> const&, bool,
                            std::int8_t*) noexcept;
  static constexpr int max_pixels = Full ? 6 : 2;
  template <int Vectors>
  static constexpr function at() noexcept {
    return &depthwise_tile_s8<Vectors, Full, Rounding>;
  }
};

// All rows of `count` vectors; the n lanes of each are n channels whose constants these are, taps c apart.
template <bool Full, class Rounding>
inline void depthwise_rows_s8(conv_shape const& s, depthwise_row_s8& row, index_t count, std::int8_t const* x,
                              std::int8_t const* w, index_t c, std::int32_t const* bias, std::int32_t const* multiplier,
                              std::int8_t const* shift, std::int8_t* y) noexcept {
  interleave_taps(w, c, s.kernel_h * s.kernel_w, row.n, row.weights);
  conv_factors_s8<Rounding> const factors{i32x16::load(bias, row.n),
                                          requantizer<Rounding>::load(multiplier, shift, row.n),
                                          high_scale::load(multiplier, shift, row.n, s.out_zero)};
  bool const high = are_high<Rounding>(shift, row.n);
  using tiles = depthwise_tiles_s8<Full, Rounding>;
  row_cut const cut = cut_row(count, tiles::max_pixels);
  row_tiles<tiles> const all{cut, select_tile<tiles, tiles::max_pixels>(cut.pixels + (cut.longer != 0)),
                             select_tile<tiles, tiles::max_pixels>(cut.pixels)};
  for (index_t oy = 0; oy < s.out.h; ++oy)
    all(x + window(s, oy, 0), row.step, y + oy * s.out.row(), row.out_step,
        [&](auto tile, std::int8_t const* p, std::int8_t* q) { tile(p, row, factors, high, q); });
}

template <int Count>
struct lanes_in_use {
  static constexpr int value = Count;
};

template <class Rounding>
inline void depthwise_vectors(conv_shape const& s, std::int8_t const* x, std::int8_t const* w, std::int32_t const* bias,
                              std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* y) noexcept {
  index_t const c = s.in.c, taps = s.kernel_h * s.kernel_w;
  depthwise_row_s8 row;
  row.groups = (taps + 3) / 4;
  row.grid = {s.out_zero, s.out_min, s.out_max};
  for (index_t t = 0; t < 4 * row.groups; ++t)
    row.offset[t] = t < taps ? t / s.kernel_w * s.in.row() + t % s.kernel_w * s.dilation * c : 0;
  row.step = s.stride * c;
  row.out_step = c;
  y += s.out.origin();
  if (s.stride == 1 && c < 16 && 16 % c == 0) {
    // All constants 16 / C times over.
    std::int8_t weights[16 * most_depthwise_taps], shifts[16];
    std::int32_t biases[16], multipliers[16];
    for (index_t i = 0; i < 16; ++i)
      biases[i] = bias[i % c], multipliers[i] = multiplier[i % c], shifts[i] = shift[i % c];
    for (index_t t = 0; t < taps; ++t)
      for (index_t i = 0; i < 16; ++i) weights[16 * t + i] = w[t * c + i % c];
    index_t const run = s.out.w * c, rest = run % 16, whole = run - rest;
    row.n = row.step = row.out_step = 16;
    if (whole > 0)
      depthwise_rows_s8<true, Rounding>(s, row, whole / 16, x, weights, 16, biases, multipliers, shifts, y);
    row.n = rest;
    if (rest > 0)
      depthwise_rows_s8<false, Rounding>(s, row, 1, x + whole, weights, 16, biases, multipliers, shifts, y + whole);
    return;
  }
  row.n = 16;
  for (index_t o = 0; o < c; o += 16) {
    auto const rows = [&](auto whole) __attribute__((always_inline)) {
      depthwise_rows_s8<decltype(whole)::value == 16, Rounding>(s, row, s.out.w, x + o, w + o, c, bias + o,
                                                                multiplier + o, shift + o, y + o);
    };
    if (c - o >= 16) {
      rows(lanes_in_use<16>{});
    } else {
      row.n = c - o;
      rows(lanes_in_use<0>{});
    }
  }
}

#endif

template <class Rounding = rounding::single, class Shape>
inline void depthwise_s8(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* bias,
                         std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* y) noexcept {
  conv_shape const s = shape;
  bool done = false;
  if constexpr (has_depthwise_tile) {
    done = s.kernel_h * s.kernel_w <= most_depthwise_taps;
    if (done) depthwise_vectors<Rounding>(s, x, w, bias, multiplier, shift, y);
  }
  for (index_t first = 0; first < s.out.c && !done; first += 16)
    depthwise_lanes<Rounding>(s, first, s.out.c - first < 16 ? s.out.c - first : 16, x, w, bias, multiplier, shift, y);
  fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
}

}  // namespace petra::rt
