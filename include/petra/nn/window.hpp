// What a convolution sees of its input: the settings that conv2d and conv1d share.
#pragma once
#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::nn {

// As many groups as channels, whatever their number is after pruning.
inline constexpr index_t per_channel = 0;
// pad that keeps the size at stride 1, and makes ceil(size / stride) of it otherwise. The zeros of an even number of taps
// cannot be shared equally: one more stands behind, as in every framework.
inline constexpr index_t same = -1;
// The same size, all zeros before the first step: no output sees a later step. For series.
inline constexpr index_t causal = -2;

struct window {
  index_t size = 3, stride = 1, pad = same, groups = 1, dilation = 1;
  index_t width = 0;  // of a window of pictures that is no square, `size` is its height then; 0: a square

  struct margins {
    index_t before, after;
    friend bool operator==(margins, margins) = default;
  };
  // Zeros along an axis with this many taps.
  [[nodiscard]] constexpr margins pads(index_t taps) const {
    index_t const all = (taps - 1) * dilation;
    if (pad == same) return {all / 2, all - all / 2};
    if (pad == causal) return {all, 0};
    return {pad, pad};
  }
  [[nodiscard]] constexpr index_t width_taps() const { return width == 0 ? size : width; }
  [[nodiscard]] constexpr bool is_depthwise() const { return groups == per_channel; }
  [[nodiscard]] constexpr bool valid() const {
    return size >= 1 && stride >= 1 && pad >= causal && groups >= 0 && dilation >= 1 && width >= 0;
  }
  // Neighboring taps of a square, as many zeros on each side: what the device has kernels for.
  [[nodiscard]] constexpr bool plain() const {
    return width_taps() == size && dilation == 1 && pads(size).before == pads(size).after;
  }
};

}  // namespace petra::nn
