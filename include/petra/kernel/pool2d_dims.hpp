// Sizes and settings of a two-dimensional pooling.
#pragma once
#include <algorithm>

#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::kernel {

// The part of a window that lies inside the picture: rows [top, bottom), columns [left, right).
struct pool_window {
  index_t top, bottom, left, right;
  [[nodiscard]] constexpr index_t count() const { return (bottom - top) * (right - left); }
};

// x (N,H,W,C), y (N,OH,OW,C). Padding holds no values: a maximum ignores it, an average does not count it.
struct pool2d_dims {
  index_t n, h, w, c, kernel_h, kernel_w, stride, pad;

  [[nodiscard]] constexpr index_t out_h() const { return (h + 2 * pad - kernel_h) / stride + 1; }
  [[nodiscard]] constexpr index_t out_w() const { return (w + 2 * pad - kernel_w) / stride + 1; }
  [[nodiscard]] constexpr pool_window window(index_t out_y, index_t out_x) const {
    index_t const y = out_y * stride - pad, x = out_x * stride - pad;
    return {std::max<index_t>(y, 0), std::min(y + kernel_h, h), std::max<index_t>(x, 0), std::min(x + kernel_w, w)};
  }

  // What every pooling kernel expects. pad < kernel: every window holds at least one tap inside the picture.
  [[nodiscard]] constexpr bool valid() const {
    return n >= 0 && h > 0 && w > 0 && c > 0 && kernel_h > 0 && kernel_w > 0 && stride > 0 && pad >= 0 &&
           pad < kernel_h && pad < kernel_w && h + 2 * pad >= kernel_h && w + 2 * pad >= kernel_w;
  }
};

}  // namespace petra::kernel
