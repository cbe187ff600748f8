// Extents of a convolution along one axis: series (W,C) in frames along W only, which need not be symmetric.
//
// Its weights (O,taps,C) are packed as those of the 2-d convolution that sees the same rows: with dilation 1 a window is
// one run of taps * C inputs (a kernel of 1 x taps), else one run of C inputs per tap (taps x 1).
#pragma once
#include "petra/runtime/pack.hpp"

namespace petra::inline PETRA_ABI::rt {

// A series in a buffer: `left` steps of padding before it, `right` behind it. `pitch` elements lie from one step to the
// next (0: C of them); more where C channels are a slice of a wider series: so branches write their concatenation.
struct series_map {
  index_t w = 1, c = 1, left = 0, right = 0, pitch = 0;

  [[nodiscard]] constexpr index_t step() const noexcept { return pitch == 0 ? c : pitch; }
  [[nodiscard]] constexpr index_t elements() const noexcept { return (left + w + right) * step(); }
  [[nodiscard]] constexpr index_t origin() const noexcept { return left * step(); }
  friend constexpr bool operator==(series_map const&, series_map const&) = default;
};

// `pad` is the padding on the left. Pre: in.pitch is 0 or in.c; pad <= in.left; the last window ends inside the buffer:
// (out.w - 1) * stride + (taps - 1) * dilation < pad + in.w + in.right.
struct conv1d_f32_shape {
  series_map in{}, out{};
  index_t taps = 1, stride = 1, dilation = 1, pad = 0;
  bool relu = false;
};
// Pre: as above; taps * C <= 65536. out_min = out_zero is a ReLU.
struct conv1d_shape {
  series_map in{}, out{};
  index_t taps = 1, stride = 1, dilation = 1, pad = 0;
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
};

template <class Conv>
constexpr index_t window(Conv const& s, index_t i) noexcept {
  return (i * s.stride + s.in.left - s.pad) * s.in.c;
}

// Padding on the left that keeps the length at stride 1; what is left of (taps - 1) * dilation lies on the right (even
// taps: one more, as in TensorFlow).
constexpr index_t same_left(index_t taps, index_t dilation = 1) noexcept { return (taps - 1) * dilation / 2; }
constexpr index_t same_right(index_t taps, index_t dilation = 1) noexcept {
  return (taps - 1) * dilation - same_left(taps, dilation);
}

// The 2-d convolution with the same packed weights; its maps are only as much as packing asks.
constexpr conv_f32_shape weights_of(conv1d_f32_shape const& s) noexcept {
  return {.in = {1, 1, s.in.c, 0}, .out = {1, 1, s.out.c, 0}, .kernel_h = 1, .kernel_w = s.taps};
}
constexpr conv_shape weights_of(conv1d_shape const& s) noexcept {
  bool const one = s.dilation == 1;
  return {
      .in = {1, 1, s.in.c, 0}, .out = {1, 1, s.out.c, 0}, .kernel_h = one ? 1 : s.taps, .kernel_w = one ? s.taps : 1};
}

template <class Conv>
  requires requires(Conv const& s) { s.taps; }
constexpr index_t packed_size(Conv const& s) noexcept { return packed_size(weights_of(s)); }
// Weights (O,taps,C) -> packed.
constexpr void pack(conv1d_f32_shape const& s, float const* w, float* packed) noexcept {
  pack(weights_of(s), w, packed);
}
constexpr void pack(conv1d_shape const& s, std::int8_t const* w, std::int8_t* packed) noexcept {
  pack(weights_of(s), w, packed);
}
constexpr void fold_bias(conv1d_shape const& s, std::int8_t const* w, std::int32_t const* bias, std::int32_t in_zero,
                         std::int32_t* folded) noexcept {
  fold_bias(weights_of(s), w, bias, in_zero, folded);
}

}  // namespace petra::rt
