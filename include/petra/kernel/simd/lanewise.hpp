// Convolutions of narrow groups, depthwise ones among them, and their gradients: one lane for each channel that is computed
// (spread.hpp), every product lane by lane (lane_tile.hpp).
//
// Loads, not multiply-adds, are the limit of spread pictures: at best 89 % of the peak. The functions are cold so that their
// loops around the tiles compile quickly.
#pragma once
#include "petra/kernel/simd/depthwise.hpp"
#include "petra/kernel/simd/lane_slide.hpp"
#include "petra/kernel/simd/lane_tile.hpp"
#include "petra/kernel/simd/phase.hpp"
#include "petra/kernel/simd/spread.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Groups as the forward pass and the gradient of the weights see them, and as the gradient of the data does.
constexpr lane_groups forward_groups(conv2d_dims const& d) { return {d.groups, d.group_c(), d.group_o()}; }
constexpr lane_groups gradient_groups(conv2d_dims const& d) { return {d.groups, d.group_o(), d.group_c()}; }

// The gradient of the weights fills its vectors with the inputs of a group otherwise, and half a vector is as fast.
constexpr bool sums_lanewise(conv2d_dims const& d) {
  return forward_groups(d).narrow(d.kernel_h * d.kernel_w) && 4 * d.group_o() <= lanes;
}

// Floats of a spread picture that is in the near caches when it is read; larger ones are spread in parts.
inline constexpr index_t spread_size = 24576;

// Every pixel of d.rows x d.cols of the output.
template <class = void>
[[gnu::noinline]] inline void lane_pixels(lane_product const& p, lane_rows const& d, float const* in, float const* w,
                                          vector start, float* out, index_t last) {
  lane_pixel pixels[lane_tile_pixels];
  index_t count = 0;
  for (index_t y = 0; y < d.rows; ++y)
    for (index_t x = 0; x < d.cols; ++x) {
      pixels[count++] = {in + y * d.in_row + x * d.in_col, out + y * d.out_row + x * d.out_col};
      if (count < lane_tile_pixels) continue;
      lane_tile(p, pixels, count, w, start, last);
      count = 0;
    }
  if (count > 0) lane_tile(p, pixels, count, w, start, last);
}

// Runs of a kernel over a spread picture: its rows where taps are neighbors, else its taps.
template <class = void>
inline lane_product lane_product_of(index_t taps_h, index_t taps_w, conv_step apart, index_t row, index_t pixel,
                                    bool accumulate) {
  bool const dense = taps_w == 1 || apart.w == 1;
  return {taps_h, dense ? 1 : taps_w, (dense ? taps_w : 1) * pixel / lanes, apart.h * row, apart.w * pixel, accumulate};
}

// The weights of block b at `to`, lanes[i] the channel b.made + i: f(channel, what its group reads) is its weight.
template <class F>
void pack_lanes(lane_groups const& g, lane_block const& b, float* to, F f) {
  for (index_t c = 0; c < g.reads; ++c)
    for (index_t i = 0; i < lanes; ++i) *to++ = i < b.makes ? f(b.made + i, c) : 0.f;
}

template <class = void>
inline frame padded_picture(conv2d_dims const& d) {
  return {d.h + d.pad.top + d.pad.bottom, d.w + d.pad.left + d.pad.right, d.c, d.pad.top, d.pad.left};
}

// n pictures x (h, w, f.channels) by sliding tiles, each copied into the frame f a few rows ahead of its use. The first
// tap of the first output is row `first` of the picture and column `column` of the frame. packed: [block][tap][reads][lanes].
template <class = void>
inline void slide_pictures(lane_slide_plan d, index_t n, lane_groups const& g, lane_indices const& indices,
                           frame const& f, index_t h, index_t w, index_t first, index_t column, float const* x,
                           float const* packed, float const* bias, float* y, workspace& scratch) {
  float* const padded = take_frame<float>(scratch, f, (lane_slide_pixels + lane_slide_taps) * d.pixel + lanes);
  index_t const rows = d.rows, most = std::clamp<index_t>(8192 / (d.stride * d.row), 1, rows);
  for (; n > 0; --n, x += h * w * d.pixel, y += rows * d.out_row)
    for (index_t r = 0, ready = 0; r < rows; r += most) {
      d.rows = std::min(most, rows - r);
      index_t const from = first + r * d.stride, needed = from + (d.rows - 1) * d.stride + (d.taps - 1) * d.apart + 1;
      d.top = -from;
      d.bottom = h - from;
      copy_rows(f, x, h, w, d.pixel, padded, ready, needed);
      ready = std::max(ready, needed);
      for (index_t b = 0; b < g.blocks(); ++b) {
        lane_block const block = block_of(g, b);
        lane_slide_rows(d, g.reads, block.makes, indices, padded + from * d.row + column * d.pixel + block.first,
                        packed + b * d.taps * lane_slide_taps * g.reads * lanes,
                        bias == nullptr ? zero() : load_first(bias + block.made, block.makes),
                        y + r * d.out_row + block.made);
      }
    }
}

// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + bias (O). Assigns y; bias may be null.
template <class = void>
[[gnu::cold]] inline void lanewise(conv2d_dims const& d, float const* x, float const* w, float const* bias, float* y,
                                   workspace& scratch) {
  if (strips_depthwise(d)) return depthwise(d, x, w, bias, y, scratch);
  workspace::scope const release(scratch);
  lane_groups const g = forward_groups(d);
  lane_indices const indices(g);
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), patch = d.patch();
  auto* const packed = scratch.take<float>(g.blocks() * patch * lanes);
  for (index_t b = 0; b < g.blocks(); ++b)
    for (index_t t = 0; t < patch / gc; ++t)
      pack_lanes(g, block_of(g, b), packed + (b * patch + t * gc) * lanes,
                 [&](index_t o, index_t c) { return w[o * patch + t * gc + c]; });

  if (slides_lanes(g, d.kernel_w, d.dilation.w, d.stride.w)) {
    frame const f{d.h, d.w + d.pad.left + d.pad.right, d.c, 0, d.pad.left};
    return slide_pictures({oh, ow, d.c, f.row(), d.kernel_h, d.stride.h, d.dilation.h, ow * d.o, d.o, 0, 0, false}, d.n,
                          g, indices, f, d.h, d.w, -d.pad.top, 0, x, packed, bias, y, scratch);
  }
  frame const f = padded_picture(d);
  index_t const pixel = gc * lanes, row = f.cols * pixel;
  index_t const most = std::clamp<index_t>((spread_size / row - d.reach_h()) / d.stride.h + 1, 1, oh);
  auto* const spread = scratch.take<float>(((most - 1) * d.stride.h + d.reach_h()) * row);
  lane_product const product = lane_product_of(d.kernel_h, d.kernel_w, d.dilation, row, pixel, false);
  for (index_t n = 0; n < d.n; ++n)
    for (index_t b = 0; b < g.blocks(); ++b) {
      lane_block const block = block_of(g, b);
      vector const start = bias == nullptr ? zero() : load_first(bias + block.made, block.makes);
      for (index_t r = 0; r < oh; r += most) {
        index_t const rows = std::min(most, oh - r);
        spread_rows(g, block, indices, f, x + n * d.h * d.w * d.c, d.h, d.w, d.c, r * d.stride.h,
                    (rows - 1) * d.stride.h + d.reach_h(), spread);
        lane_pixels(product, {rows, ow, d.stride.h * row, d.stride.w * pixel, ow * d.o, d.o}, spread,
                    packed + b * patch * lanes, start, y + (n * oh + r) * ow * d.o + block.made, block.makes);
      }
    }
}

// dx (N,H,W,C) += dy (N,OH,OW,O) * w (O,KH,KW,C/groups), transposed; one convolution of stride 1 per phase. Accumulates
// into dx.
template <class = void>
[[gnu::cold]] inline void lanewise_backward_data(conv2d_dims const& d, float const* dy, float const* w, float* dx,
                                                 workspace& scratch) {
  if (strips_depthwise(d) && d.stride == conv_step(1)) return depthwise_backward_data(d, dy, w, dx, scratch);
  workspace::scope const release(scratch);
  lane_groups const g = gradient_groups(d);
  lane_indices const indices(g);
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), go = d.group_o(), patch = d.patch();
  frame f = gradient_frame(d, d.o);
  index_t const pixel = go * lanes, kernel = d.kernel_h * d.kernel_w * pixel;
  auto* const packed = scratch.take<float>(g.blocks() * kernel);
  for (index_t b = 0; b < g.blocks(); ++b) {
    float* to = packed + b * kernel;
    each_phase(d, [&](index_t, index_t, conv_phase y, conv_phase x) {
      for (index_t r = 0; r < y.taps; ++r)
        for (index_t s = 0; s < x.taps; ++s, to += pixel) {
          float const* const tap = w + ((y.last - y.step * r) * d.kernel_w + x.last - x.step * s) * gc;
          pack_lanes(g, block_of(g, b), to,
                     [&](index_t c, index_t o) { return tap[(c / gc * go + o) * patch + c % gc]; });
        }
    });
  }
  if (d.stride == conv_step(1) && slides_lanes(g, d.kernel_w, d.dilation.w, 1)) {
    conv_phase const y = phase_of(0, 1, d.kernel_h, d.pad.top, d.h, d.dilation.h);
    conv_phase const x = phase_of(0, 1, d.kernel_w, d.pad.left, d.w);
    f.rows = oh;
    f.top = 0;
    return slide_pictures({d.h, d.w, d.o, f.row(), y.taps, 1, y.apart, d.w * d.c, d.c, 0, 0, true}, d.n, g, indices, f,
                          oh, ow, y.first, f.left + x.first, dy, packed, nullptr, dx, scratch);
  }
  index_t const row = f.cols * pixel;
  // Rows of a phase at a time, and the rows of dy that they reach besides.
  index_t behind = 0, height = 0;
  each_phase(d, [&](index_t, index_t, conv_phase y, conv_phase) {
    behind = std::max(behind, f.top + y.end() - y.pixels);
    height = std::max(height, y.pixels);
  });
  index_t const most = std::clamp<index_t>(spread_size / row - behind, 1, std::max<index_t>(height, 1));
  auto* const spread = scratch.take<float>((most + behind) * row);

  for (index_t n = 0; n < d.n; ++n)
    for (index_t b = 0; b < g.blocks(); ++b) {
      lane_block const block = block_of(g, b);
      for (index_t t = 0; t < height; t += most) {
        index_t const end = std::min(t + most, height);
        spread_rows(g, block, indices, f, dy + n * oh * ow * d.o, oh, ow, d.o, t, end - t + behind, spread);
        float const* taps = packed + b * kernel;
        each_phase(d, [&](index_t py, index_t px, conv_phase y, conv_phase x) {
          lane_product const product = lane_product_of(y.taps, x.taps, {y.apart, x.apart}, row, pixel, true);
          lane_pixels(product,
                      {std::min(end, y.pixels) - t, x.pixels, row, pixel, d.stride.h * d.w * d.c, d.stride.w * d.c},
                      spread + (f.top + y.first) * row + (f.left + x.first) * pixel, taps, zero(),
                      dx + ((n * d.h + py + t * d.stride.h) * d.w + px) * d.c + block.made, block.makes);
          taps += y.taps * x.taps * pixel;
        });
      }
    }
}

// dw (O,KH,KW,C/groups) += dy (N,OH,OW,O) * x (N,H,W,C), summed over all pixels. Accumulates into dw.
template <class = void>
[[gnu::cold]] inline void lanewise_backward_weight(conv2d_dims const& d, float const* x, float const* dy, float* dw,
                                                   workspace& scratch) {
  if (sums_depthwise(d)) return depthwise_backward_weight(d, x, dy, dw, scratch);
  workspace::scope const release(scratch);
  lane_groups const g = forward_groups(d);
  lane_indices const indices(g);
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), patch = d.patch();
  frame const f = padded_picture(d);
  index_t const pixel = gc * lanes, row = f.cols * pixel;
  index_t const most = std::clamp<index_t>((spread_size / row - d.reach_h()) / d.stride.h + 1, 1, oh);
  auto* const spread = scratch.take<float>(((most - 1) * d.stride.h + d.reach_h()) * row);
  auto* const sums = scratch.take<float>(g.blocks() * patch * lanes);
  std::fill_n(sums, g.blocks() * patch * lanes, 0.f);
  auto* const offsets = scratch.take<index_t>(patch);
  for (index_t t = 0; t < patch; ++t)
    offsets[t] = t / gc / d.kernel_w * d.dilation.h * row + t / gc % d.kernel_w * d.dilation.w * pixel + t % gc * lanes;

  for (index_t n = 0; n < d.n; ++n)
    for (index_t b = 0; b < g.blocks(); ++b) {
      lane_block const block = block_of(g, b);
      for (index_t r = 0; r < oh; r += most) {
        index_t const rows = std::min(most, oh - r);
        spread_rows(g, block, indices, f, x + n * d.h * d.w * d.c, d.h, d.w, d.c, r * d.stride.h,
                    (rows - 1) * d.stride.h + d.reach_h(), spread);
        for (index_t t = 0; t < patch; t += lane_taps)
          lane_sums({rows, ow, d.stride.h * row, d.stride.w * pixel, ow * d.o, d.o}, spread, offsets + t,
                    std::min(lane_taps, patch - t), dy + (n * oh + r) * ow * d.o + block.made, block.makes,
                    sums + (b * patch + t) * lanes);
      }
    }
  for (index_t o = 0; o < d.o; ++o) {
    index_t const wide = g.wide() * g.makes;
    for (index_t t = 0; t < patch; ++t) dw[o * patch + t] += sums[(o / wide * patch + t) * lanes + o % wide];
  }
}

}  // namespace petra::kernel::simd
