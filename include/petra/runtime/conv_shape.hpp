// Extents and output grid of a convolution on the device; dense layers are convolutions too (kernel = whole map, or 1 x
// 1).
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

// int8. out_min = out_zero is a ReLU. Weights (O, kernel_h, kernel_w, C / groups).
// `pad` columns of padding lie on the left and `pad_h` rows above, as many unless said otherwise. On the right and below
// there is as much as windows reach. `dilation` columns lie from one tap of a kernel row to the next.
// Pre: every window lies inside the frame of `in`; kernel_h * kernel_w * C / groups <= 65536 (32-bit accumulators);
// dilation 1 where there is one group (a series then has kernels of its own, runtime/conv1d_shape.hpp).
struct conv_shape {
  feature_map in{}, out{};
  index_t kernel_h = 1, kernel_w = 1, stride = 1, pad = 0, groups = 1;
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
  index_t pad_h = pad, dilation = 1;
};

// float.
struct conv_f32_shape {
  feature_map in{}, out{};
  index_t kernel_h = 1, kernel_w = 1, stride = 1, pad = 0, groups = 1;
  bool relu = false;
  index_t pad_h = pad, dilation = 1;
};

// Offset in the input buffer of the window of output pixel (oy, ox).
template <class Conv>
constexpr index_t window(Conv const& s, index_t oy, index_t ox) noexcept {
  return (oy * s.stride + s.in.halo_h - s.pad_h) * s.in.row() + (ox * s.stride + s.in.halo - s.pad) * s.in.c;
}

// The three kinds of convolution, each with its own weights layout (runtime/pack.hpp) and loops.
enum class conv_kind { plain, depthwise, grouped };

template <class Conv>
constexpr conv_kind kind_of(Conv const& s) noexcept {
  if (s.groups == 1) return conv_kind::plain;
  return s.groups == s.in.c && s.groups == s.out.c ? conv_kind::depthwise : conv_kind::grouped;
}
template <class Conv>
constexpr bool is_depthwise(Conv const& s) noexcept {
  return kind_of(s) == conv_kind::depthwise;
}

}  // namespace petra::rt
