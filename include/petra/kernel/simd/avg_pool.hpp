// Average over windows and its gradient in float: vectors along the channels. Global pooling is a kernel of H x W.
#pragma once
#include "petra/kernel/reference/avg_pool.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y (N,OH,OW,C) = mean of the taps of each window of x (N,H,W,C) inside the picture. Assigns y.
inline void avg_pool(simd_tag, pool2d_dims d, float const* x, float* y) {
  using namespace simd;
  expects(d.valid(), "kernel: avg_pool: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w();
  for (index_t n = 0; n < d.n; ++n, x += d.h * d.w * d.c)
    for (index_t oy = 0; oy < oh; ++oy)
      for (index_t ox = 0; ox < ow; ++ox, y += d.c) {
        pool_window const win = d.window(oy, ox);
        vector const count = broadcast(static_cast<float>(win.count()));
        index_t const first = (win.top * d.w + win.left) * d.c, row = d.w * d.c;
        bool const square = win.bottom - win.top == 2 && win.right - win.left == 2;
        each_vector(d.c, [=](auto lane, index_t c) {
          if (square) {  // without loops, and without the division: the same bits in half the time
            float const* const p = x + first + c;
            vector const top = lane.load(p) + lane.load(p + d.c),
                         bottom = lane.load(p + row) + lane.load(p + row + d.c);
            return lane.store(y + c, (top + bottom) * broadcast(0.25f));
          }
          vector sum = zero();
          for (index_t iy = win.top; iy < win.bottom; ++iy) {
            float const* const from = x + iy * row + c;
            sum += sum_rows(win.left, win.right, [&](index_t ix) { return lane.load(from + ix * d.c); });
          }
          lane.store(y + c, sum / count);
        });
      }
}

// dx of every tap += dy / number of taps of its window. Accumulates into dx.
inline void avg_pool_backward(simd_tag, pool2d_dims d, float const* dy, float* dx) {
  using namespace simd;
  expects(d.valid(), "kernel: avg_pool: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w();
  for (index_t n = 0; n < d.n; ++n, dx += d.h * d.w * d.c)
    for (index_t oy = 0; oy < oh; ++oy)
      for (index_t ox = 0; ox < ow; ++ox, dy += d.c) {
        pool_window const win = d.window(oy, ox);
        vector const count = broadcast(static_cast<float>(win.count()));
        each_vector(d.c, [=](auto lane, index_t c) {
          vector const share = lane.load(dy + c) / count;
          for (index_t iy = win.top; iy < win.bottom; ++iy)
            for (index_t ix = win.left; ix < win.right; ++ix) {
              float* const p = dx + (iy * d.w + ix) * d.c + c;
              lane.store(p, lane.load(p) + share);
            }
        });
      }
}

}  // namespace petra::kernel
