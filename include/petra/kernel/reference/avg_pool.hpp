// Average over windows and its gradient, the specification of kernel::avg_pool. Global pooling is a kernel of H x W.
#pragma once
#include "petra/core/assert.hpp"
#include "petra/core/concepts.hpp"
#include "petra/kernel/pool2d_dims.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y (N,OH,OW,C) = mean of the taps of each window of x (N,H,W,C) inside the picture. Assigns y.
template <scalar T>
constexpr void avg_pool(scalar_tag, pool2d_dims d, T const* x, T* y) {
  expects(d.valid(), "kernel: avg_pool: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w();
  for (index_t n = 0; n < d.n; ++n, x += d.h * d.w * d.c)
    for (index_t oy = 0; oy < oh; ++oy)
      for (index_t ox = 0; ox < ow; ++ox, y += d.c) {
        pool_window const win = d.window(oy, ox);
        for (index_t c = 0; c < d.c; ++c) {
          T sum{};
          for (index_t iy = win.top; iy < win.bottom; ++iy)
            for (index_t ix = win.left; ix < win.right; ++ix) sum += x[(iy * d.w + ix) * d.c + c];
          y[c] = sum / static_cast<T>(win.count());
        }
      }
}

// dx of every tap += dy / number of taps of its window. Accumulates into dx.
template <scalar T>
constexpr void avg_pool_backward(scalar_tag, pool2d_dims d, T const* dy, T* dx) {
  expects(d.valid(), "kernel: avg_pool: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w();
  for (index_t n = 0; n < d.n; ++n, dx += d.h * d.w * d.c)
    for (index_t oy = 0; oy < oh; ++oy)
      for (index_t ox = 0; ox < ow; ++ox, dy += d.c) {
        pool_window const win = d.window(oy, ox);
        for (index_t iy = win.top; iy < win.bottom; ++iy)
          for (index_t ix = win.left; ix < win.right; ++ix)
            for (index_t c = 0; c < d.c; ++c) dx[(iy * d.w + ix) * d.c + c] += dy[c] / static_cast<T>(win.count());
      }
}

}  // namespace petra::kernel
