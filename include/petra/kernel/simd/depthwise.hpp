// Depthwise convolution (groups == channels, multiplier 1) and its gradients: vectors along the channels.
//
// Every product needs its own load of the picture, so loads, not multiply-adds, are the limit: at best half the peak.
#pragma once
#include <algorithm>

#include "petra/kernel/simd/phase.hpp"
#include "petra/kernel/simd/tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

struct depthwise_plan {
  index_t rows, cols, channels;     // of the output
  index_t taps_h, taps_w, jump;     // kernel; distance of rows of the picture
  index_t in_row, in_col, in_next;  // distance of neighboring output pixels' patches down and right; of picture pixels
  index_t out_row, out_col;         // distance of neighboring output pixels
  bool accumulate;                  // output +=, else output =
};

// Pixels side by side of one vector of channels. w: [tap][w_step].
template <index_t Pixels>
PETRA_INLINE void depthwise_pixels(depthwise_plan const& d, float const* in, float const* w, index_t w_step,
                                   float const* bias, float* out, index_t channels) {
  tile<Pixels, 1> t;
  vector const start = bias == nullptr ? zero() : load(bias);
#pragma GCC unroll 8
  for (index_t i = 0; i < Pixels; ++i) t.at[i][0] = start;
  for (index_t r = 0; r < d.taps_h; ++r)
    for (index_t s = 0; s < d.taps_w; ++s, w += w_step) {
      float const* const p = in + r * d.jump + s * d.in_next;
      vector const tap = load(w);
#pragma GCC unroll 8
      for (index_t i = 0; i < Pixels; ++i) t.at[i][0] = fmadd(load(p + i * d.in_col), tap, t.at[i][0]);
    }
  auto const pixel = [&](index_t i) __attribute__((always_inline)) { return out + i * d.out_col; };
  if (d.accumulate) t.add(pixel, channels);
  t.write(pixel, channels);
}

// w (taps, padded channels), bias as wide or null. The picture is read in whole vectors of channels.
inline void depthwise_picture(depthwise_plan const& d, float const* in, float const* w, float const* bias, float* out) {
  index_t const w_step = (d.channels + lanes - 1) / lanes * lanes;
  for (index_t y = 0; y < d.rows; ++y)
    for (index_t x = 0; x < d.cols;) {
      index_t const pixels = d.cols - x >= 4 ? 4 : 1;
      float const* const from = in + y * d.in_row + x * d.in_col;
      float* const to = out + y * d.out_row + x * d.out_col;
      for (index_t c = 0; c < d.channels; c += lanes) {
        index_t const n = std::min(d.channels - c, lanes);
        float const* const b = bias == nullptr ? nullptr : bias + c;
        if (pixels == 4)
          depthwise_pixels<4>(d, from + c, w + c, w_step, b, to + c, n);
        else
          depthwise_pixels<1>(d, from + c, w + c, w_step, b, to + c, n);
      }
      x += pixels;
    }
}

// y (N,OH,OW,C) = x (N,H,W,C) * w (C,KH,KW) + bias (C), channel by channel. Assigns y; bias may be null.
inline void depthwise(conv2d_dims const& d, float const* x, float const* w, float const* bias, float* y,
                      workspace& scratch) {
  workspace::scope const release(scratch);
  index_t const oh = d.out_h(), ow = d.out_w(), taps = d.kernel_h * d.kernel_w;
  index_t const wide = (d.c + lanes - 1) / lanes * lanes;
  frame const f{d.h + 2 * d.pad, d.w + 2 * d.pad, d.c, d.pad, d.pad};
  bool const copied = !f.trivial(d.h, d.w, d.c) || wide != d.c;
  float* const padded = copied ? take_frame<float>(scratch, f, lanes) : nullptr;
  auto* const by_tap = scratch.take<float>((taps + 1) * wide);
  std::fill_n(by_tap, (taps + 1) * wide, 0.f);
  for (index_t c = 0; c < d.c; ++c)
    for (index_t t = 0; t < taps; ++t) by_tap[t * wide + c] = w[c * taps + t];
  if (bias != nullptr) std::copy_n(bias, d.c, by_tap + taps * wide);

  depthwise_plan const plan{oh,  ow,       d.c, d.kernel_h, d.kernel_w, f.row(), d.stride * f.row(), d.stride * d.c,
                            d.c, ow * d.c, d.c, false};
  for (index_t n = 0; n < d.n; ++n) {
    float const* const from = x + n * d.h * d.w * d.c;
    if (copied) copy_rows(f, from, d.h, d.w, d.c, padded, 0, f.rows);
    depthwise_picture(plan, copied ? padded : from, by_tap, bias == nullptr ? nullptr : by_tap + taps * wide,
                      y + n * oh * ow * d.c);
  }
}

// dx (N,H,W,C) += dy (N,OH,OW,C) * w (C,KH,KW), transposed; one convolution of stride 1 per phase. Accumulates into dx.
inline void depthwise_backward_data(conv2d_dims const& d, float const* dy, float const* w, float* dx,
                                    workspace& scratch) {
  workspace::scope const release(scratch);
  index_t const oh = d.out_h(), ow = d.out_w(), taps = d.kernel_h * d.kernel_w;
  index_t const wide = (d.c + lanes - 1) / lanes * lanes;
  frame const f = gradient_frame(d, d.c);
  bool const copied = !f.trivial(oh, ow, d.c) || wide != d.c;
  float* const padded = copied ? take_frame<float>(scratch, f, lanes) : nullptr;
  auto* const by_tap = scratch.take<float>(taps * wide);
  std::fill_n(by_tap, taps * wide, 0.f);
  float* to = by_tap;
  each_phase(d, [&](index_t, index_t, conv_phase y, conv_phase x) {
    for (index_t r = 0; r < y.taps; ++r)
      for (index_t s = 0; s < x.taps; ++s, to += wide)
        for (index_t c = 0; c < d.c; ++c)
          to[c] = w[c * taps + (y.last - d.stride * r) * d.kernel_w + x.last - d.stride * s];
  });

  for (index_t n = 0; n < d.n; ++n) {
    float const* const from = dy + n * oh * ow * d.c;
    float const* const in = copied ? padded + f.top * f.row() + f.left * d.c : from;
    if (copied) copy_rows(f, from, oh, ow, d.c, padded, 0, f.rows);
    float const* kernel = by_tap;
    each_phase(d, [&](index_t py, index_t px, conv_phase y, conv_phase x) {
      depthwise_picture({y.pixels, x.pixels, d.c, y.taps, x.taps, f.row(), f.row(), d.c, d.c, d.stride * d.w * d.c,
                         d.stride * d.c, true},
                        in + y.first * f.row() + x.first * d.c, kernel, nullptr,
                        dx + ((n * d.h + py) * d.w + px) * d.c);
      kernel += y.taps * x.taps * wide;
    });
  }
}

// Taps side by side of one vector of channels: sum (Taps) += sum over pixels of dy * x.
template <index_t Taps>
PETRA_INLINE void depthwise_taps(depthwise_plan const& d, float const* in, float const* dy, float* sum,
                                 index_t sum_step, index_t channels) {
  // Even and odd pixels have their own sums: twice as many additions are under way.
  tile<2 * Taps, 1> t;
  t.clear();
  auto const pixel = [&](index_t odd, float const* p, float const* q) __attribute__((always_inline)) {
    vector const g = channels == lanes ? load(q) : load_first(q, channels);
#pragma GCC unroll 8
    for (index_t s = 0; s < Taps; ++s) {
      vector& sum_s = t.at[odd * Taps + s][0];
      sum_s = fmadd(g, load(p + s * d.in_next), sum_s);
    }
  };
  for (index_t y = 0; y < d.rows; ++y) {
    float const* p = in + y * d.in_row;
    float const* q = dy + y * d.out_row;
    for (index_t x = 0; x + 1 < d.cols; x += 2, p += 2 * d.in_col, q += 2 * d.out_col) {
      pixel(0, p, q);
      pixel(1, p + d.in_col, q + d.out_col);
    }
    if (d.cols % 2 == 1) pixel(0, p, q);
  }
#pragma GCC unroll 8
  for (index_t s = 0; s < Taps; ++s) {
    float* const p = sum + s * sum_step;
    store(p, load(p) + (t.at[s][0] + t.at[Taps + s][0]));
  }
}

// dw (C,KH,KW) += dy (N,OH,OW,C) * x (N,H,W,C), summed over all pixels. Accumulates into dw.
inline void depthwise_backward_weight(conv2d_dims const& d, float const* x, float const* dy, float* dw,
                                      workspace& scratch) {
  workspace::scope const release(scratch);
  index_t const oh = d.out_h(), ow = d.out_w(), taps = d.kernel_h * d.kernel_w;
  index_t const wide = (d.c + lanes - 1) / lanes * lanes;
  frame const f{d.h + 2 * d.pad, d.w + 2 * d.pad, d.c, d.pad, d.pad};
  bool const copied = !f.trivial(d.h, d.w, d.c) || wide != d.c;
  float* const padded = copied ? take_frame<float>(scratch, f, lanes) : nullptr;
  auto* const by_tap = scratch.take<float>(taps * wide);
  std::fill_n(by_tap, taps * wide, 0.f);

  depthwise_plan const plan{oh, ow, d.c, 0, 0, 0, d.stride * f.row(), d.stride * d.c, d.c, ow * d.c, d.c, true};
  for (index_t n = 0; n < d.n; ++n) {
    float const* const from = x + n * d.h * d.w * d.c;
    float const* const in = copied ? padded : from;
    float const* const out = dy + n * oh * ow * d.c;
    if (copied) copy_rows(f, from, d.h, d.w, d.c, padded, 0, f.rows);
    for (index_t c = 0; c < d.c; c += lanes) {
      index_t const channels = std::min(d.c - c, lanes);
      for (index_t r = 0; r < d.kernel_h; ++r)
        for (index_t s = 0; s < d.kernel_w;) {
          float const* const p = in + r * f.row() + s * d.c + c;
          float* const sum = by_tap + (r * d.kernel_w + s) * wide + c;
          index_t const left = d.kernel_w - s;
          if (left == 3)
            depthwise_taps<3>(plan, p, out + c, sum, wide, channels), s += 3;
          else if (left >= 4)
            depthwise_taps<4>(plan, p, out + c, sum, wide, channels), s += 4;
          else
            depthwise_taps<1>(plan, p, out + c, sum, wide, channels), s += 1;
        }
    }
  }
  for (index_t c = 0; c < d.c; ++c)
    for (index_t t = 0; t < taps; ++t) dw[c * taps + t] += by_tap[t * wide + c];
}

}  // namespace petra::kernel::simd
