// Maximum over windows and its gradient, the specification of kernel::max_pool.
#pragma once
#include <cstdint>

#include "petra/core/assert.hpp"
#include "petra/core/concepts.hpp"
#include "petra/kernel/pool2d_dims.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y (N,OH,OW,C) = the largest tap of each window of x (N,H,W,C) inside the picture; of equal ones the first in row
// order; a NaN wins. argmax (N,OH,OW,C) = its offset within its sample, (iy*W + ix)*C + c. Assigns y and argmax.
// Pre: dims.valid(); H*W*C < 2^31.
template <scalar T>
constexpr void max_pool(scalar_tag, pool2d_dims d, T const* x, T* y, std::int32_t* argmax) {
  expects(d.valid(), "kernel: max_pool: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w();
  for (index_t n = 0; n < d.n; ++n, x += d.h * d.w * d.c)
    for (index_t oy = 0; oy < oh; ++oy)
      for (index_t ox = 0; ox < ow; ++ox) {
        pool_window const win = d.window(oy, ox);
        for (index_t c = 0; c < d.c; ++c, ++y, ++argmax) {
          index_t winner = (win.top * d.w + win.left) * d.c + c;
          for (index_t iy = win.top; iy < win.bottom; ++iy)
            for (index_t ix = win.left; ix < win.right; ++ix) {
              index_t const at = (iy * d.w + ix) * d.c + c;
              if (x[at] > x[winner] || x[at] != x[at]) winner = at;
            }
          *y = x[winner];
          *argmax = static_cast<std::int32_t>(winner);
        }
      }
}

// dx at argmax += dy. Accumulates into dx.
template <scalar T>
constexpr void max_pool_backward(scalar_tag, pool2d_dims d, std::int32_t const* argmax, T const* dy, T* dx) {
  expects(d.valid(), "kernel: max_pool: dims.valid() must hold");
  index_t const picture = d.h * d.w * d.c, pooled = d.out_h() * d.out_w() * d.c;
  for (index_t n = 0; n < d.n; ++n)
    for (index_t i = n * pooled; i < (n + 1) * pooled; ++i) dx[n * picture + argmax[i]] += dy[i];
}

}  // namespace petra::kernel
