// Average over windows and its gradient in float: vectors along the channels. Global pooling is a kernel of H x W.
//
// Windows of 2 x 2 without padding go a row in one function, without loops over taps and divisions (the same bits): what
// a general window keeps at hand does not fit in registers.
#pragma once
#include "petra/kernel/reference/avg_pool.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

// n windows of 2 x 2, `stride` elements from one to the next; rows of x lie `row` apart.
template <class = void>
[[gnu::noinline]] inline void mean_of_squares(index_t channels, index_t row, index_t n, index_t stride, float const* x,
                                              float* y) {
  vector const share = broadcast(0.25f);
  for (index_t i = 0; i < n; ++i, x += stride, y += channels)
    each_vector(channels, [=](auto lane, index_t c) {
      float const* const p = x + c;
      vector const top = lane.load(p) + lane.load(p + channels),
                   bottom = lane.load(p + row) + lane.load(p + row + channels);
      lane.store(y + c, (top + bottom) * share);
    });
}
template <class = void>
[[gnu::noinline]] inline void spread_over_squares(index_t channels, index_t row, index_t n, index_t stride,
                                                  float const* dy, float* dx) {
  vector const share = broadcast(0.25f);
  for (index_t i = 0; i < n; ++i, dx += stride, dy += channels)
    each_vector(channels, [=](auto lane, index_t c) {
      vector const d = lane.load(dy + c) * share;
      for (float* const p : {dx + c, dx + c + channels, dx + c + row, dx + c + row + channels})
        lane.store(p, lane.load(p) + d);
    });
}

// One window, down x right taps.
template <class = void>
[[gnu::noinline]] inline void mean_of_window(index_t channels, index_t row, index_t down, index_t right, float const* x,
                                             float* y) {
  vector const count = broadcast(static_cast<float>(down * right));
  each_vector_rolled(channels, [=](auto lane, index_t c) {
    vector sum = zero();
    for (index_t iy = 0; iy < down; ++iy) {
      float const* const from = x + iy * row + c;
      sum += sum_rows(0, right, [=](index_t ix) { return lane.load(from + ix * channels); });
    }
    lane.store(y + c, sum / count);
  });
}
template <class = void>
[[gnu::noinline]] inline void spread_over_window(index_t channels, index_t row, index_t down, index_t right,
                                                 float const* dy, float* dx) {
  vector const count = broadcast(static_cast<float>(down * right));
  each_vector_rolled(channels, [=](auto lane, index_t c) {
    vector const share = lane.load(dy + c) / count;
    for (index_t iy = 0; iy < down; ++iy)
      for (index_t ix = 0; ix < right; ++ix) {
        float* const p = dx + iy * row + ix * channels + c;
        lane.store(p, lane.load(p) + share);
      }
  });
}

// squares(first tap, first window, windows, elements between them) for rows of 2 x 2 windows without padding,
// window(first tap, window, down, right) for others.
template <class Squares, class Window>
PETRA_INLINE void each_pool_window(pool2d_dims const& d, Squares squares, Window window) {
  expects(d.valid(), "kernel: avg_pool: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w(), row = d.w * d.c;
  for (index_t n = 0; n < d.n; ++n)
    for (index_t oy = 0; oy < oh; ++oy) {
      index_t const sample = n * d.h * row, line = (n * oh + oy) * ow * d.c;
      if (d.kernel_h == 2 && d.kernel_w == 2 && d.pad == 0) {
        squares(sample + oy * d.stride * row, line, ow, d.stride * d.c);
        continue;
      }
      for (index_t ox = 0; ox < ow; ++ox) {
        pool_window const w = d.window(oy, ox);
        window(sample + w.top * row + w.left * d.c, line + ox * d.c, w.bottom - w.top, w.right - w.left);
      }
    }
}

}  // namespace simd

// y (N,OH,OW,C) = mean of the taps of each window of x (N,H,W,C) inside the picture. Assigns y.
template <class = void>
inline void avg_pool(simd_tag, pool2d_dims d, float const* x, float* y) {
  index_t const row = d.w * d.c;
  simd::each_pool_window(
      d,
      [=](index_t from, index_t to, index_t n, index_t stride) {
        simd::mean_of_squares(d.c, row, n, stride, x + from, y + to);
      },
      [=](index_t from, index_t to, index_t down, index_t right) {
        simd::mean_of_window(d.c, row, down, right, x + from, y + to);
      });
}

// dx of every tap += dy / number of taps of its window. Accumulates into dx.
template <class = void>
inline void avg_pool_backward(simd_tag, pool2d_dims d, float const* dy, float* dx) {
  index_t const row = d.w * d.c;
  simd::each_pool_window(
      d,
      [=](index_t to, index_t from, index_t n, index_t stride) {
        simd::spread_over_squares(d.c, row, n, stride, dy + from, dx + to);
      },
      [=](index_t to, index_t from, index_t down, index_t right) {
        simd::spread_over_window(d.c, row, down, right, dy + from, dx + to);
      });
}

}  // namespace petra::kernel
