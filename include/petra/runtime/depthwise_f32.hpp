// float depthwise convolution (one filter per channel) with bias and ReLU; fills the frame of its output with zeros.
//
// y (OH,OW,C) = relu(bias + sum x * w)    x (H,W,C), w packed [KH * KW][C]
//
// A register tile is up to 8 vectors of neighbors, each with its own sum: a product costs one load. Where C channels
// fill only a part of a vector (C a divisor of its lanes, stride 1), a row is taken as one run of W * C elements with
// weights repeated: 8 channels of 48 x 48 take half the time.
// Deterministic. Pre: those of conv_f32_shape; groups == in.c == out.c.
#pragma once
#include "petra/runtime/conv_shape.hpp"
#include "petra/runtime/halo.hpp"
#include "petra/runtime/row_tiles.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

// A row of `count` vectors, `n` lanes of each in use.
struct depthwise_row_f32 {
  index_t count, n;
  index_t step, out_step;  // elements from one vector to the next
  index_t row, tap;        // inputs from one kernel row, one column to the next
  index_t kernel_h, kernel_w;
  index_t weights;  // weights from one tap to the next
  bool relu;
};

template <int Vectors, bool Full>
[[gnu::noinline]] void depthwise_tile_f32(float const* x, float const* w, depthwise_row_f32 const& r, f32v start,
                                          float* y) noexcept {
  index_t const step = r.step, n = r.n;
  f32v sum[Vectors];
#pragma GCC unroll 8
  for (int i = 0; i < Vectors; ++i) sum[i] = start;
  for (index_t kh = r.kernel_h; kh > 0; --kh, x += r.row) {
    float const* p = x;
    for (index_t kw = r.kernel_w; kw > 0; --kw, p += r.tap, w += r.weights) {
      f32v const weight = Full ? load(w) : load(w, n);
#pragma GCC unroll 8
      for (int i = 0; i < Vectors; ++i) sum[i] = (Full ? load(p + i * step) : load(p + i * step, n)) * weight + sum[i];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < Vectors; ++i) {
    f32v const v = r.relu ? max(sum[i], f32v{}) : sum[i];
    if constexpr (Full)
      store(y + i * r.out_step, v);
    else
      store(y + i * r.out_step, v, n);
  }
}

template <bool Full>
struct depthwise_tiles_f32 {
  using function = void (*)(float const*, float const*, depthwise_row_f32 const&, f32v, float*) noexcept;
  static constexpr int max_pixels = Full ? 8 : 2;
  template <int Vectors>
  static constexpr function at() noexcept {
    return &depthwise_tile_f32<Vectors, Full>;
  }
};

template <bool Full>
inline void depthwise_rows_f32(conv_f32_shape const& s, depthwise_row_f32 const& row, float const* x, float const* w,
                               f32v start, float* y) noexcept {
  using tiles = depthwise_tiles_f32<Full>;
  row_cut const cut = cut_row(row.count, tiles::max_pixels);
  row_tiles<tiles> const all{cut, select_tile<tiles, tiles::max_pixels>(cut.pixels + (cut.longer != 0)),
                             select_tile<tiles, tiles::max_pixels>(cut.pixels)};
  for (index_t oy = 0; oy < s.out.h; ++oy)
    all(x + window(s, oy, 0), row.step, y + oy * s.out.row(), row.out_step,
        [&](auto tile, float const* p, float* q) { tile(p, w, row, start, q); });
}

// Whether rows are taken as runs: C divides the lanes and windows follow one another.
constexpr bool flattens(conv_f32_shape const& s) noexcept {
  return s.stride == 1 && s.in.c < f32_lanes && f32_lanes % s.in.c == 0 && s.kernel_h * s.kernel_w <= 25;
}

template <class Shape>
inline void depthwise_f32(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  conv_f32_shape const s = shape;
  index_t const c = s.in.c, taps = s.kernel_h * s.kernel_w;
  depthwise_row_f32 row{.count = s.out.w,
                        .n = f32_lanes,
                        .step = s.stride * c,
                        .out_step = c,
                        .row = s.in.row(),
                        .tap = s.dilation * c,
                        .kernel_h = s.kernel_h,
                        .kernel_w = s.kernel_w,
                        .weights = c,
                        .relu = s.relu};
  float* const origin = y + s.out.origin();
  if (flattens(s)) {
    alignas(64) float repeated[26 * f32_lanes];
    for (index_t i = 0; i < f32_lanes; ++i) repeated[i] = bias[i % c];
    for (index_t i = 0; i < taps * f32_lanes; ++i) repeated[f32_lanes + i] = w[i / f32_lanes * c + i % c];
    index_t const run = s.out.w * c, rest = run % f32_lanes, whole = run - rest;
    f32v const start = load(repeated);
    row.count = whole / f32_lanes;
    row.step = row.out_step = row.weights = f32_lanes;
    if (whole > 0) depthwise_rows_f32<true>(s, row, x, repeated + f32_lanes, start, origin);
    row.count = 1;
    row.n = rest;
    if (rest > 0) depthwise_rows_f32<false>(s, row, x + whole, repeated + f32_lanes, start, origin + whole);
  } else {
    index_t first = 0;
    for (; c - first >= f32_lanes; first += f32_lanes)
      depthwise_rows_f32<true>(s, row, x + first, w + first, load(bias + first), origin + first);
    row.n = c - first;
    if (row.n > 0) depthwise_rows_f32<false>(s, row, x + first, w + first, load(bias + first, row.n), origin + first);
  }
  fill_halo(s.out, y);
}

}  // namespace petra::rt
