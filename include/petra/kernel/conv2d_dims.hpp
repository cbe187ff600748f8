// Sizes and settings of a two-dimensional convolution.
#pragma once
#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::kernel {

// x (N,H,W,C), w (O,KH,KW,C/groups), y (N,OH,OW,O): channels-last, zero padding `pad` on each side. Output channel o
// sees the input channels of its group, o / (O/groups). Depthwise: groups == c == o.
struct conv2d_dims {
  index_t n, h, w, c, o, kernel_h, kernel_w, stride, pad, groups;

  [[nodiscard]] constexpr index_t out_h() const { return (h + 2 * pad - kernel_h) / stride + 1; }
  [[nodiscard]] constexpr index_t out_w() const { return (w + 2 * pad - kernel_w) / stride + 1; }
  // Channels a group reads and writes.
  [[nodiscard]] constexpr index_t group_c() const { return c / groups; }
  [[nodiscard]] constexpr index_t group_o() const { return o / groups; }
  [[nodiscard]] constexpr bool depthwise() const { return groups > 1 && groups == c && groups == o; }
  // Weights of one output channel.
  [[nodiscard]] constexpr index_t patch() const { return kernel_h * kernel_w * group_c(); }
  [[nodiscard]] constexpr index_t macs() const { return n * out_h() * out_w() * o * patch(); }

  // What every convolution kernel expects.
  [[nodiscard]] constexpr bool valid() const {
    return n >= 0 && h > 0 && w > 0 && c > 0 && o > 0 && kernel_h > 0 && kernel_w > 0 && stride > 0 && pad >= 0 &&
           groups > 0 && c % groups == 0 && o % groups == 0 && h + 2 * pad >= kernel_h && w + 2 * pad >= kernel_w;
  }
};

}  // namespace petra::kernel
