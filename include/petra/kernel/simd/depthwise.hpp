// Depthwise convolutions of whole vectors of channels, and their gradients: pictures are read where they lie.
//
// depthwise_strip: y (pixel, lanes) = or += start + sum over kernel rows and three taps of x (pixel + tap, lanes) * w (tap, lanes)
// depthwise_sums:  sum (tap, lanes) += sum over pixels of dy (pixel, lanes) * x (pixel + tap, lanes)
//
// Taps on the padding read a vector of zeros instead of a frame around the picture: copying into one was a quarter of the
// time. All channels of a few pixels follow one another, so a picture is read once and in order; channel by channel its
// lines were 256 bytes apart. A strip is four pixels of two vectors: eight sums hide
// the latency of a product, and few of them are dropped where rows have 3 or 12 pixels.
#pragma once
#include <algorithm>

#include "petra/kernel/conv2d_dims.hpp"
#include "petra/kernel/simd/lane_tile.hpp"
#include "petra/kernel/workspace.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

inline constexpr index_t strip_pixels = 4, strip_taps = 3;

constexpr bool strips_depthwise(conv2d_dims const& d) {
  return d.depthwise() && d.c % lanes == 0 && d.kernel_w == strip_taps && d.dilation.w == 1 && d.stride.w <= 2;
}

struct depthwise_picture {
  index_t h, w, c;         // of what is read
  index_t rows, cols;      // of what is made
  index_t taps_h;          // kernel rows
  index_t stride, across;  // rows, columns between outputs
  index_t apart;           // rows between taps
  index_t top, left;       // rows and columns before the first
};

// A register from here on.
PETRA_INLINE void held(vector& v) {
  plain_vector p = plain(v);
#if defined(__SSE2__)
  asm("" : "+v"(p));
#elif defined(__ARM_NEON)
  asm("" : "+w"(p));
#endif
  v = wrapped(p);
}

// Columns that the taps of a strip see.
constexpr index_t strip_reach(index_t stride) { return stride * (strip_pixels - 1) + strip_taps; }

// Channels of a strip, two vectors of them at a time. rows: the pixels of each kernel row, the strip's
// first at `column`; w: for each vector of channels, w_step apart, [segments][3][lanes]; start: a number for each channel,
// or null where the outputs are added to.
//
// Pixels are pointers, loaded one by one: of decisions for each column g++ makes a copy of the loop for each outcome.
template <index_t Stride>
[[gnu::noinline]] void depthwise_strip(index_t segments, index_t channels, float const* const* const* rows,
                                       index_t column, float const* w, index_t w_step, float const* start,
                                       float* const* out) {
  constexpr index_t reach = strip_reach(Stride);
  constexpr index_t blocks = 2;
  for (index_t b = 0; b < channels; b += blocks * lanes, w += blocks * w_step) {
    index_t const other = b + lanes < channels ? lanes : 0;  // a last vector alone is computed twice
    index_t const w_other = other / lanes * w_step;
    tile<strip_pixels, blocks> sum;
    float const* taps[blocks];
#pragma GCC unroll 2
    for (index_t v = 0; v < blocks; ++v) taps[v] = w + v * w_other;
#pragma GCC unroll 8
    for (index_t i = 0; i < strip_pixels; ++i)
#pragma GCC unroll 2
      for (index_t v = 0; v < blocks; ++v) sum.at[i][v] = load((start != nullptr ? start : out[i]) + b + v * other);
#pragma GCC unroll 1
    for (index_t s = 0; s < segments; ++s) {
      float const* const* from = rows[s] + column;
      asm("" : "+r"(from));  // or g++ keeps a register for each pointer
      vector tap[strip_taps][blocks];
#pragma GCC unroll 2
      for (index_t v = 0; v < blocks; ++v) {
        asm("" : "+r"(taps[v]));
#pragma GCC unroll 4
        for (index_t i = 0; i < strip_taps; ++i) {
          tap[i][v] = load(taps[v] + i * lanes);
          held(tap[i][v]);  // or g++ loads it for each product
        }
        taps[v] += strip_taps * lanes;
      }
#pragma GCC unroll 16
      for (index_t j = 0; j < reach; ++j) {
        float const* const in = from[j] + b;
#pragma GCC unroll 2
        for (index_t v = 0; v < blocks; ++v) {
          vector x = load(in + v * other);
          held(x);
#pragma GCC unroll 8
          for (index_t i = 0; i < strip_pixels; ++i)
            if (j >= i * Stride && j < i * Stride + strip_taps)
              sum.at[i][v] = fmadd(x, tap[j - i * Stride][v], sum.at[i][v]);
        }
      }
    }
#pragma GCC unroll 8
    for (index_t i = 0; i < strip_pixels; ++i)
#pragma GCC unroll 2
      for (index_t v = 0; v < blocks; ++v) store(out[i] + b + v * other, sum.at[i][v]);
  }
}

// What a picture is computed with, for one after the other.
struct depthwise_scratch {
  float const* w;        // [c / lanes][taps_h][3][lanes]
  float const* start;    // [c], or null
  float const* zeros;    // [c]
  float* dropped;        // [c], that nobody reads
  float const** pixels;  // [reach_h][line]: those of the last rows of the picture
  float const*** rows;   // [taps_h]
  index_t line;
};

// Where the pixels of a row of the picture are, from d.left columns before it; all of them zeros for a row outside.
template <class = void>
inline void depthwise_line(depthwise_picture const& d, float const* x, index_t row, float const* zeros, index_t line,
                           float const** to) {
  for (index_t j = 0; j < line; ++j) to[j] = zeros;
  if (row < 0 || row >= d.h) return;
  x += row * d.w * d.c;
  for (index_t j = std::max<index_t>(0, d.left); j < std::min(d.left + d.w, line); ++j) to[j] = x + (j - d.left) * d.c;
}

// One picture.
template <class = void>
[[gnu::noinline]] inline void depthwise_strips(depthwise_picture const& d, depthwise_scratch const& k, float const* x,
                                               float* y) {
  index_t const reach_h = (d.taps_h - 1) * d.apart + 1, w_step = d.taps_h * strip_taps * lanes;
  auto* const strip = d.across == 1 ? &depthwise_strip<1> : &depthwise_strip<2>;
  float* out[strip_pixels];
  for (index_t r = 0, ready = 0; r < d.rows; ++r) {
    index_t const at = r * d.stride - d.top;
    index_t skip = 0, taps = d.taps_h;  // kernel rows inside the picture
    while (skip < taps && at + skip * d.apart < 0) ++skip;
    while (taps > skip && at + (taps - 1) * d.apart >= d.h) --taps;
    for (ready = std::max(ready, at); ready < std::min(at + reach_h, d.h); ++ready)
      depthwise_line(d, x, ready, k.zeros, k.line, k.pixels + ready % reach_h * k.line);
    for (index_t s = skip; s < taps; ++s) k.rows[s - skip] = k.pixels + (at + s * d.apart) % reach_h * k.line;
    float const* const w = k.w + skip * strip_taps * lanes;
    for (index_t p = 0; p < d.cols; p += strip_pixels) {
      for (index_t i = 0; i < strip_pixels; ++i) out[i] = p + i < d.cols ? y + (r * d.cols + p + i) * d.c : k.dropped;
      strip(taps - skip, d.c, k.rows, p * d.across, w, w_step, k.start, out);
    }
  }
}

// n pictures. w (C, taps): packed as [C / lanes][taps][lanes], the last tap first where they are flipped. start: C numbers, or null.
template <class = void>
[[gnu::cold]] inline void depthwise_pictures(depthwise_picture const& d, index_t n, float const* x, float const* w,
                                             bool flipped, float const* start, float* y, workspace& scratch) {
  index_t const taps = d.taps_h * strip_taps, line = d.across * (d.cols - 1) + strip_reach(d.across);
  auto* const turned = scratch.take<float>((taps + 2) * d.c);
  auto* const zeros = std::fill_n(turned, (taps + 2) * d.c, 0.f) - 2 * d.c;
  float* to = turned;
  for (index_t b = 0; b < d.c; b += lanes, w += lanes * taps)
    for (index_t t = 0; t < taps; ++t)
      for (index_t i = 0; i < lanes; ++i) *to++ = w[i * taps + (flipped ? taps - 1 - t : t)];
  auto** const pixels = scratch.take<float const*>(((d.taps_h - 1) * d.apart + 1) * line);
  depthwise_scratch const k{turned, start, zeros, zeros + d.c, pixels, scratch.take<float const**>(d.taps_h), line};
  for (; n > 0; --n, x += d.h * d.w * d.c, y += d.rows * d.cols * d.c) depthwise_strips(d, k, x, y);
}

// y (N,OH,OW,C) = x (N,H,W,C) * w (C,KH,3) + bias (C). Pre: strips_depthwise(d).
template <class = void>
[[gnu::cold]] inline void depthwise(conv2d_dims const& d, float const* x, float const* w, float const* bias, float* y,
                                    workspace& scratch) {
  workspace::scope const release(scratch);
  float const* start = bias;
  if (bias == nullptr) start = std::fill_n(scratch.take<float>(d.c), d.c, 0.f) - d.c;
  depthwise_pictures(
      {d.h, d.w, d.c, d.out_h(), d.out_w(), d.kernel_h, d.stride.h, d.stride.w, d.dilation.h, d.pad.top, d.pad.left},
      d.n, x, w, false, start, y, scratch);
}

// dx (N,H,W,C) += dy (N,OH,OW,C) * w (C,KH,3), flipped. Pre: strips_depthwise(d); d.stride is 1.
template <class = void>
[[gnu::cold]] inline void depthwise_backward_data(conv2d_dims const& d, float const* dy, float const* w, float* dx,
                                                  workspace& scratch) {
  workspace::scope const release(scratch);
  depthwise_pictures({d.out_h(), d.out_w(), d.c, d.h, d.w, d.kernel_h, 1, 1, d.dilation.h, d.reach_h() - 1 - d.pad.top,
                      d.reach_w() - 1 - d.pad.left},
                     d.n, dy, w, true, nullptr, dx, scratch);
}

// Whether the gradient of the weights has tiles.
constexpr bool sums_depthwise(conv2d_dims const& d) { return strips_depthwise(d) && d.kernel_h == strip_taps; }

// Rows of dy (rows, cols, lanes), channel b. pixels: of the first tap of the first; each walks through three registers.
// sum: [3][3][c].
template <class = void>
[[gnu::noinline]] inline void depthwise_sums(depthwise_picture const& d, index_t rows, float const* const* pixels,
                                             index_t line, index_t b, float const* dy, float* sum) {
  constexpr index_t taps = strip_taps;
  index_t const c = d.c, cols = d.cols, next = d.stride * line, apart = d.apart * line;
  bool const twice = d.across == 2;
  tile<taps, taps> t;
#pragma GCC unroll 16
  for (index_t i = 0; i < taps * taps; ++i) t.at[i / taps][i % taps] = load(sum + b + i * c);
  dy += b;
  for (; rows > 0; --rows, pixels += next) {
    float const* const* p[taps] = {pixels, pixels + apart, pixels + 2 * apart};
    vector window[taps][taps];
    auto const advance = [&]() __attribute__((always_inline)) {
#pragma GCC unroll 4
      for (index_t i = 0; i < taps; ++i) {
        window[i][0] = window[i][1];
        window[i][1] = window[i][2];
        window[i][2] = load(*p[i]++ + b);
      }
    };
#pragma GCC unroll 4
    for (index_t i = 0; i < taps; ++i) window[i][0] = window[i][1] = window[i][2] = zero();
    advance();
    if (!twice) advance();
#pragma GCC unroll 1
    for (index_t n = cols; n > 0; --n, dy += c) {
      if (twice) advance();
      advance();
      vector const g = load(dy);
#pragma GCC unroll 16
      for (index_t i = 0; i < taps * taps; ++i)
        t.at[i / taps][i % taps] = fmadd(window[i / taps][i % taps], g, t.at[i / taps][i % taps]);
    }
  }
#pragma GCC unroll 16
  for (index_t i = 0; i < taps * taps; ++i) store(sum + b + i * c, t.at[i / taps][i % taps]);
}

// dw (C,3,3) += dy (N,OH,OW,C) * x (N,H,W,C), summed over all pixels. Pre: sums_depthwise(d).
template <class = void>
[[gnu::cold]] inline void depthwise_backward_weight(conv2d_dims const& d, float const* x, float const* dy, float* dw,
                                                    workspace& scratch) {
  workspace::scope const release(scratch);
  constexpr index_t taps = strip_taps * strip_taps;
  index_t const oh = d.out_h(), ow = d.out_w(), line = d.stride.w * (ow - 1) + strip_taps;
  auto* const sums = scratch.take<float>((taps + 1) * d.c);
  auto* const zeros = std::fill_n(sums, (taps + 1) * d.c, 0.f) - d.c;
  depthwise_picture const p{d.h,        d.w,        d.c,          oh,        ow,        taps / strip_taps,
                            d.stride.h, d.stride.w, d.dilation.h, d.pad.top, d.pad.left};
  index_t const most = std::clamp<index_t>(8192 / (d.stride.h * d.w * d.c), 1, oh);  // rows that stay in the L1 cache
  auto** const pixels = scratch.take<float const*>(((most - 1) * d.stride.h + d.reach_h()) * line);
  for (index_t n = 0; n < d.n; ++n, x += d.h * d.w * d.c)
    for (index_t r = 0; r < oh; r += most) {
      index_t const rows = std::min(most, oh - r);
      for (index_t i = 0; i < (rows - 1) * d.stride.h + d.reach_h(); ++i)
        depthwise_line(p, x, r * d.stride.h - d.pad.top + i, zeros, line, pixels + i * line);
      for (index_t c = 0; c < d.c; c += lanes) depthwise_sums(p, rows, pixels, line, c, dy, sums);
      dy += rows * ow * d.c;
    }
  for (index_t c = 0; c < d.c; ++c)
    for (index_t t = 0; t < taps; ++t) dw[c * taps + t] += sums[t * d.c + c];
}

}  // namespace petra::kernel::simd
