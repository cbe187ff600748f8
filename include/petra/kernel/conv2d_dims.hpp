// Sizes and settings of a two-dimensional convolution.
//
// A convolution along a series (N,L,C) is one over pictures of one row: h = kernel_h = 1, its taps are kernel_w, and
// pad {0, 0, left, right}; a causal one pads (taps - 1) * dilation on the left.
#pragma once
#include <concepts>

#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::kernel {

// A stride or a dilation, down and to the right; one number stands for both.
struct conv_step {
  index_t h, w;
  constexpr conv_step(index_t both) : h(both), w(both) {}
  constexpr conv_step(index_t down, index_t right) : h(down), w(right) {}
  friend constexpr bool operator==(conv_step, conv_step) = default;
};

// Zeros around a picture; one number stands for all four sides.
struct conv_pad {
  index_t top, bottom, left, right;
  constexpr conv_pad(index_t all) : top(all), bottom(all), left(all), right(all) {}
  constexpr conv_pad(index_t above, index_t below, index_t before, index_t after)
      : top(above), bottom(below), left(before), right(after) {}
  friend constexpr bool operator==(conv_pad const&, conv_pad const&) = default;
};

// x (N,H,W,C), w (O,KH,KW,C/groups), y (N,OH,OW,O): channels-last, zeros around x. Neighboring taps of the kernel see
// pixels `dilation` apart. Output channel o sees the input channels of its group, o / (O/groups). Depthwise: groups ==
// c == o.
struct conv2d_dims {
  index_t n, h, w, c, o, kernel_h, kernel_w;
  conv_step stride;
  conv_pad pad;
  index_t groups;
  conv_step dilation = 1;

  // Pixels that a kernel spans.
  [[nodiscard]] constexpr index_t reach_h() const { return (kernel_h - 1) * dilation.h + 1; }
  [[nodiscard]] constexpr index_t reach_w() const { return (kernel_w - 1) * dilation.w + 1; }
  [[nodiscard]] constexpr index_t out_h() const { return (h + pad.top + pad.bottom - reach_h()) / stride.h + 1; }
  [[nodiscard]] constexpr index_t out_w() const { return (w + pad.left + pad.right - reach_w()) / stride.w + 1; }
  // Channels a group reads and writes.
  [[nodiscard]] constexpr index_t group_c() const { return c / groups; }
  [[nodiscard]] constexpr index_t group_o() const { return o / groups; }
  [[nodiscard]] constexpr bool depthwise() const { return groups > 1 && groups == c && groups == o; }
  // Weights of one output channel.
  [[nodiscard]] constexpr index_t patch() const { return kernel_h * kernel_w * group_c(); }
  [[nodiscard]] constexpr index_t macs() const { return n * out_h() * out_w() * o * patch(); }

  // What every convolution kernel expects.
  [[nodiscard]] constexpr bool valid() const {
    return n >= 0 && h > 0 && w > 0 && c > 0 && o > 0 && kernel_h > 0 && kernel_w > 0 && stride.h > 0 && stride.w > 0 &&
           dilation.h > 0 && dilation.w > 0 && pad.top >= 0 && pad.bottom >= 0 && pad.left >= 0 && pad.right >= 0 &&
           groups > 0 && c % groups == 0 && o % groups == 0 && h + pad.top + pad.bottom >= reach_h() &&
           w + pad.left + pad.right >= reach_w();
  }

  // The same convolution over fewer and larger pictures, where no kernel reaches from one row to another: as many are
  // taken together as have `most` pixels. Where none reaches from pixel to pixel, they are one row.
  [[nodiscard]] constexpr conv2d_dims flattened(index_t most) const {
    conv2d_dims d = *this;
    if (kernel_h > 1 || pad.top > 0 || pad.bottom > 0 || h % stride.h != 0) return d;
    index_t m = n;
    while (m > 1 && (n % m != 0 || m * h * w > most)) --m;
    if (n > 0) d.n /= m;
    d.h *= m;
    if (kernel_w == 1 && stride == conv_step(1) && pad.left == 0 && pad.right == 0) {
      d.w *= d.h;
      d.h = 1;
    }
    return d;
  }
};

// The same, known to have one group when it is compiled: the kernels of narrow groups are then left out of the program,
// 33 KB of the search example's 1.43 MB.
struct ungrouped_dims : conv2d_dims {};

}  // namespace petra::kernel
