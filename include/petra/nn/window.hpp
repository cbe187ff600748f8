// What a convolution sees of its input: the settings that conv2d and conv1d share.
#pragma once
#include "petra/nn/channel_plan.hpp"

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
  // Whether the groups are of equal size. in, out: channels, or dyn.
  [[nodiscard]] constexpr bool divides(index_t in, index_t out) const {
    return groups <= 1 || in == dyn || (in % groups == 0 && out % groups == 0);
  }
  // Weights of one output that sees `taps` taps; dyn where the channels are.
  [[nodiscard]] constexpr index_t columns(index_t taps, index_t in) const {
    return in == dyn ? dyn : is_depthwise() ? taps : taps * in / (groups > 1 ? groups : 1);
  }
  // Depthwise: output and input channels are the same group. Other groups: both ends are pinned, since cutting one channel
  // would leave groups of unequal size.
  constexpr int trace(channel_plan& p, int group) const {
    if (is_depthwise()) return p.weight(group, group, true);
    int const out = p.fresh();
    if (groups > 1) p.pin_group(group), p.pin_group(out);
    return p.weight(group, out);
  }
};

}  // namespace petra::nn
