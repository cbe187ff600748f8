// Depthwise convolutions of whole vectors of channels, and their gradients: pictures are read where they lie.
//
// depthwise_strip: y (pixel, lanes) = or += start + sum over kernel rows and three taps of x (pixel + tap, lanes) * w (tap, lanes)
// depthwise_sums:  sum (tap, lanes) += sum over pixels of dy (pixel, lanes) * x (pixel + tap, lanes)
//
// Taps on the padding read a vector of zeros instead of a frame around the picture: copying into one was a quarter of the
// time. All channels of a few pixels follow one another, so a picture is read once and in order; channel by channel its
// lines were 256 bytes apart. Four pixels a strip: rows of 3 to 16 pixels are made of them, and strips overlap in time.
#pragma once
#include <algorithm>

#include "petra/kernel/conv2d_dims.hpp"
#include "petra/kernel/simd/lane_tile.hpp"
#include "petra/kernel/workspace.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

inline constexpr index_t strip_pixels = 4, strip_taps = 3;

constexpr bool whole_depthwise(conv2d_dims const& d) { return d.depthwise() && d.c % lanes == 0; }
constexpr bool strips_depthwise(conv2d_dims const& d) {
  return whole_depthwise(d) && d.kernel_w == strip_taps && d.dilation.w == 1 && d.stride.w <= 2;
}

struct depthwise_picture {
  index_t h, w, c;         // of what is read
  index_t rows, cols;      // of what is made
  index_t taps_h;          // kernel rows
  index_t stride, across;  // rows, columns between outputs
  index_t apart;           // rows between taps
  index_t top, left;       // rows and columns before the first
};

// Columns [first, end) of those that the strip reads lie inside the picture; pixels `count`, ... are dropped.
template <index_t Stride>
[[gnu::noinline]] void depthwise_strip(index_t segments, index_t row, index_t c, float const* in, index_t first,
                                       index_t end, float const* w, float const* start, float* out, index_t count) {
  alignas(PETRA_VECTOR_BYTES) static constexpr float zeros[lanes] = {};
  alignas(PETRA_VECTOR_BYTES) float dropped[lanes];
  constexpr index_t reach = Stride * (strip_pixels - 1) + strip_taps;
  vector sum[strip_pixels];
#pragma GCC unroll 8
  for (index_t i = 0; i < strip_pixels; ++i) sum[i] = load(start != nullptr ? start : i < count ? out + i * c : zeros);
  for (index_t s = 0; s < segments; ++s, in += row, w += strip_taps * c) {
    vector const tap[strip_taps] = {load(w), load(w + c), load(w + 2 * c)};
#pragma GCC unroll 16
    for (index_t j = 0; j < reach; ++j) {
      vector const x = load(j >= first && j < end ? in + j * c : zeros);
#pragma GCC unroll 8
      for (index_t i = 0; i < strip_pixels; ++i)
        if (j >= i * Stride && j < i * Stride + strip_taps) sum[i] = fmadd(x, tap[j - i * Stride], sum[i]);
    }
  }
#pragma GCC unroll 8
  for (index_t i = 0; i < strip_pixels; ++i) store(i < count ? out + i * c : dropped, sum[i]);
}

// One picture. w: [taps_h][3][c]; start: c numbers, or null where the outputs are added to.
template <index_t Stride>
[[gnu::cold]] void depthwise_strips(depthwise_picture const& d, float const* x, float const* w, float const* start,
                                    float* y) {
  constexpr index_t reach = Stride * (strip_pixels - 1) + strip_taps;
  for (index_t r = 0; r < d.rows; ++r) {
    index_t const at = r * d.stride - d.top;
    index_t skip = 0, taps = d.taps_h;  // kernel rows inside the picture
    while (skip < taps && at + skip * d.apart < 0) ++skip;
    while (taps > skip && at + (taps - 1) * d.apart >= d.h) --taps;
    for (index_t p = 0; p < d.cols; p += strip_pixels) {
      index_t const column = p * Stride - d.left;
      index_t const first = std::max<index_t>(0, -column), end = std::min(reach, d.w - column);
      index_t const from = ((at + skip * d.apart) * d.w + column) * d.c;
      for (index_t c = 0; c < d.c; c += lanes)
        depthwise_strip<Stride>(taps - skip, d.apart * d.w * d.c, d.c, x + from + c, first, end,
                                w + skip * strip_taps * d.c + c, start == nullptr ? nullptr : start + c,
                                y + (r * d.cols + p) * d.c + c, std::min(strip_pixels, d.cols - p));
    }
  }
}

// Weights (C, taps) as (taps, C), the last tap first where they are flipped.
inline void turn_taps(index_t c, index_t taps, bool flipped, float const* w, float* to) {
  for (index_t t = 0; t < taps; ++t)
    for (index_t i = 0; i < c; ++i) to[t * c + i] = w[i * taps + (flipped ? taps - 1 - t : t)];
}

// y (N,OH,OW,C) = x (N,H,W,C) * w (C,KH,3) + bias (C). Pre: strips_depthwise(d).
[[gnu::cold]] inline void depthwise(conv2d_dims const& d, float const* x, float const* w, float const* bias, float* y,
                                    workspace& scratch) {
  workspace::scope const release(scratch);
  index_t const taps = d.patch(), oh = d.out_h(), ow = d.out_w();
  auto* const turned = scratch.take<float>((taps + 1) * d.c);
  float* const start = turned + taps * d.c;
  turn_taps(d.c, taps, false, w, turned);
  if (bias == nullptr)
    std::fill_n(start, d.c, 0.f);
  else
    std::copy_n(bias, d.c, start);
  depthwise_picture const p{d.h,        d.w,        d.c,          oh,        ow,        d.kernel_h,
                            d.stride.h, d.stride.w, d.dilation.h, d.pad.top, d.pad.left};
  for (index_t n = 0; n < d.n; ++n, x += d.h * d.w * d.c, y += oh * ow * d.c)
    (d.stride.w == 1 ? depthwise_strips<1> : depthwise_strips<2>)(p, x, turned, start, y);
}

// dx (N,H,W,C) += dy (N,OH,OW,C) * w (C,KH,3), flipped. Pre: strips_depthwise(d); d.stride is 1.
[[gnu::cold]] inline void depthwise_backward_data(conv2d_dims const& d, float const* dy, float const* w, float* dx,
                                                  workspace& scratch) {
  workspace::scope const release(scratch);
  index_t const taps = d.patch(), oh = d.out_h(), ow = d.out_w();
  auto* const turned = scratch.take<float>(taps * d.c);
  turn_taps(d.c, taps, true, w, turned);
  depthwise_picture const p{
      oh, ow, d.c, d.h, d.w, d.kernel_h, 1, 1, d.dilation.h, d.reach_h() - 1 - d.pad.top, d.reach_w() - 1 - d.pad.left};
  for (index_t n = 0; n < d.n; ++n, dy += oh * ow * d.c, dx += d.h * d.w * d.c)
    depthwise_strips<1>(p, dy, turned, nullptr, dx);
}

// Whether the gradient of the weights has tiles: three kernel rows at most.
constexpr bool sums_depthwise(conv2d_dims const& d) { return strips_depthwise(d) && d.kernel_h <= strip_taps; }

// Rows [0, d.rows) of dy (rows, cols, lanes). The pixels of three rows of x walk through three registers each. sum: [3][3][c].
[[gnu::noinline]] inline void depthwise_sums(depthwise_picture const& d, index_t first, index_t rows, float const* x,
                                             float const* dy, float* sum) {
  alignas(PETRA_VECTOR_BYTES) static constexpr float zeros[lanes] = {};
  constexpr index_t taps = strip_taps;
  tile<taps, taps> t;
#pragma GCC unroll 16
  for (index_t i = 0; i < taps * taps; ++i) t.at[i / taps][i % taps] = load(sum + i * d.c);
  for (index_t r = first; r < first + rows; ++r) {
    float const* p[taps];
    index_t step[taps];
    for (index_t i = 0; i < taps; ++i) {
      index_t const from = r * d.stride - d.top + i * d.apart;
      bool const inside = i < d.taps_h && from >= 0 && from < d.h;
      p[i] = inside ? x + from * d.w * d.c : zeros;
      step[i] = inside ? d.c : 0;
    }
    vector window[taps][taps];
    index_t column = -d.left;
    auto const advance = [&]() __attribute__((always_inline)) {
      bool const inside = column >= 0 && column < d.w;
      ++column;
#pragma GCC unroll 4
      for (index_t i = 0; i < taps; ++i) {
        window[i][0] = window[i][1];
        window[i][1] = window[i][2];
        window[i][2] = load(inside ? p[i] : zeros);
        p[i] += inside ? step[i] : 0;
      }
    };
#pragma GCC unroll 4
    for (index_t i = 0; i < taps; ++i) window[i][0] = window[i][1] = window[i][2] = zero();
    for (index_t i = d.across; i < taps; ++i) advance();
    for (index_t n = d.cols; n > 0; --n, dy += d.c) {
      for (index_t i = d.across; i > 0; --i) advance();
      vector const g = load(dy);
#pragma GCC unroll 16
      for (index_t i = 0; i < taps * taps; ++i)
        t.at[i / taps][i % taps] = fmadd(window[i / taps][i % taps], g, t.at[i / taps][i % taps]);
    }
  }
#pragma GCC unroll 16
  for (index_t i = 0; i < taps * taps; ++i) store(sum + i * d.c, t.at[i / taps][i % taps]);
}

// dw (C,KH,3) += dy (N,OH,OW,C) * x (N,H,W,C), summed over all pixels. Pre: sums_depthwise(d).
[[gnu::cold]] inline void depthwise_backward_weight(conv2d_dims const& d, float const* x, float const* dy, float* dw,
                                                    workspace& scratch) {
  workspace::scope const release(scratch);
  index_t const taps = d.patch(), oh = d.out_h(), ow = d.out_w();
  auto* const sums = scratch.take<float>(strip_taps * strip_taps * d.c);
  std::fill_n(sums, strip_taps * strip_taps * d.c, 0.f);
  depthwise_picture const p{d.h,        d.w,        d.c,          oh,        ow,        d.kernel_h,
                            d.stride.h, d.stride.w, d.dilation.h, d.pad.top, d.pad.left};
  index_t const most = std::clamp<index_t>(8192 / (d.stride.h * d.w * d.c), 1, oh);  // rows that stay in the L1 cache
  for (index_t n = 0; n < d.n; ++n, x += d.h * d.w * d.c, dy += oh * ow * d.c)
    for (index_t r = 0; r < oh; r += most)
      for (index_t c = 0; c < d.c; c += lanes)
        depthwise_sums(p, r, std::min(most, oh - r), x + c, dy + r * ow * d.c + c, sums + c);
  for (index_t c = 0; c < d.c; ++c)
    for (index_t t = 0; t < taps; ++t) dw[c * taps + t] += sums[t * d.c + c];
}

}  // namespace petra::kernel::simd
