// Two-dimensional convolution in float.
//
// Each picture is copied once into a zero-padded frame that stays in the L2 cache, a few rows ahead of their use; the
// kernel rows are then contiguous runs of it and `row_tile` reads them in place. 1x1 convolutions of stride 1 are one
// long row of pixels.
#pragma once
#include "petra/kernel/reference/conv2d.hpp"
#include "petra/kernel/simd/direct.hpp"
#include "petra/kernel/simd/lanewise.hpp"
#include "petra/kernel/simd/padded.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Packs w (O, taps, C) of one group, rows `patch` apart, as (taps * words of C, O).
template <class = void>
inline void pack_channels(index_t go, index_t taps, index_t gc, float const* w, float* to) {
  pack(taps * gc, go, w, 1, taps * gc, to, taps * gc);
}

// Words of a pixel of one group, and of one group's packed weights.
template <class T>
constexpr index_t pixel_words(index_t channels) {
  return (channels + words_of<T>::numbers - 1) / words_of<T>::numbers;
}
template <class T>
constexpr index_t packed_group(conv2d_dims const& d) {
  return packed_size(d.kernel_h * d.kernel_w * pixel_words<T>(d.group_c()), d.group_o());
}

// All groups of w (O, taps, C/groups) one behind the other, as conv2d_dense reads them.
template <class T>
[[gnu::cold]] void pack_forward(conv2d_dims const& d, T const* w, typename words_of<T>::type* to) {
  for (index_t g = 0; g < d.groups; ++g)
    pack_channels(d.group_o(), d.kernel_h * d.kernel_w, d.group_c(), w + g * d.group_o() * d.patch(),
                  to + g * packed_group<T>(d));
}

// The convolution for any kind of words; narrow groups have their own. Cold: what runs often is in functions of its own, and
// the loops around them compile faster when they are optimized for size.
template <class T, class Out>
[[gnu::cold]] void conv2d_dense(conv2d_dims d, T const* x, typename words_of<T>::type const* packed, float const* bias,
                                Out* y, workspace& scratch) {
  using words = words_of<T>;
  using word = typename words::type;
  workspace::scope const release(scratch);
  d = d.flattened(32768 / d.c);
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), go = d.group_o();
  // Where the words of a pixel of a group are not whole each group is copied with a zero after it.
  index_t const part = pixel_words<T>(gc), spare = part * words::numbers - gc;
  index_t const pixel = d.groups * part;
  // Columns that the last pixel reaches behind the picture.
  index_t const behind = (ow - 1) * d.stride.w + d.reach_w() - d.pad.left - d.w;
  bool const unframed = spare == 0 && d.pad.left <= 1 && behind <= 1 && d.dilation.w == 1 &&
                        slides_unframed<word>(d.kernel_w, d.stride.w, go, ow, d.pad.left == 1, behind == 1);
  // Rows of zeros are not read, so there are none in the frame.
  frame f{d.h, d.pad.left + d.w + std::max<index_t>(behind, 0), d.c, 0, d.pad.left};
  if (unframed) f = {d.h, d.w, d.c, 0, 0};
  if (spare > 0) f.channels = gc, f.spare = pixel * words::numbers - gc;
  bool const copied = !f.trivial(d.h, d.w, d.c);
  index_t const row = f.cols * pixel;
  T* const padded = copied ? take_frame<T>(scratch, f, 3 * d.stride.w * f.pixel()) : nullptr;
  index_t const group = packed_group<T>(d), wide = padded_columns(go);
  float* const packed_bias = bias == nullptr ? nullptr : scratch.take<float>(d.groups * wide);
  for (index_t g = 0; bias != nullptr && g < d.groups; ++g)
    std::fill_n(std::copy_n(bias + g * go, go, packed_bias + g * wide), wide - go, 0.f);
  // Rows of the output per step: 64 KB of x, so that what was copied is still near when it is used. Layers of a
  // ResNet-20 do not care (8 to 64 KB and whole pictures differ by 2 %); pictures as large as the L2 cache do.
  index_t const block = std::clamp<index_t>(16384 / (d.stride.h * row), 1, oh);

  for (index_t n = 0; n < d.n; ++n) {
    T const* const from = x + n * d.h * d.w * d.c;
    auto const* const in = reinterpret_cast<word const*>(copied ? padded : from);
    index_t ready = 0;
    for (index_t r = 0; r < oh; r += block) {
      index_t const rows = std::min(block, oh - r), first = r * d.stride.h - d.pad.top;
      index_t const needed = first + (rows - 1) * d.stride.h + d.reach_h();
      for (index_t g = 0; copied && g < (spare > 0 ? d.groups : 1); ++g)
        copy_rows(f, from + g * gc, d.h, d.w, d.c, padded + g * part * words::numbers, ready, needed);
      ready = std::max(ready, needed);
      for (index_t g = 0; g < d.groups; ++g)
        direct_convolution({rows, ow, go, d.kernel_h, d.kernel_w, part, pixel, row, d.stride, d.dilation, ow * d.o, d.o,
                            -first, d.h - first, false, copied, unframed && d.pad.left == 1, unframed && behind == 1},
                           in + first * row + (f.left - d.pad.left) * pixel + g * part, packed + g * group,
                           bias == nullptr ? nullptr : packed_bias + g * wide, y + (n * oh + r) * ow * d.o + g * go);
    }
  }
}

}  // namespace petra::kernel::simd

namespace petra::inline PETRA_ABI::kernel {

// Groups that have kernels of their own.
template <class Dims>
constexpr bool narrow_outputs(Dims const& d) {
  if constexpr (std::same_as<Dims, ungrouped_dims>)
    return false;
  else
    return simd::forward_groups(d).narrow(d.kernel_h * d.kernel_w);
}

// Weights as conv2d_packed reads them, whatever the number of pictures.
template <std::derived_from<conv2d_dims> Dims = conv2d_dims>
constexpr index_t packed_conv2d_size(simd_tag, Dims const& d) {
  return narrow_outputs(d) ? d.o * d.patch() : d.groups * simd::packed_group<float>(d);
}
template <std::derived_from<conv2d_dims> Dims = conv2d_dims>
void pack_conv2d(simd_tag, Dims const& d, float const* w, float* packed) {
  if (narrow_outputs(d))
    std::copy_n(w, d.o * d.patch(), packed);
  else
    simd::pack_forward(d, w, packed);
}

// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + bias (O), w packed by pack_conv2d. Assigns y; bias may be null.
template <std::derived_from<conv2d_dims> Dims = conv2d_dims>
void conv2d_packed(simd_tag, Dims const& d, float const* x, float const* packed, float const* bias, float* y,
                   workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
  if constexpr (!std::same_as<Dims, ungrouped_dims>)
    if (narrow_outputs(d)) return simd::lanewise(d, x, packed, bias, y, scratch);
  simd::conv2d_dense(d, x, packed, bias, y, scratch);
}

// The same, w as it is.
template <std::derived_from<conv2d_dims> Dims = conv2d_dims>
void conv2d(simd_tag, Dims const& d, float const* x, float const* w, float const* bias, float* y, workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
  workspace::scope const release(scratch);
  auto* const packed = scratch.take<float>(packed_conv2d_size(simd_tag{}, d));
  pack_conv2d(simd_tag{}, d, w, packed);
  conv2d_packed(simd_tag{}, d, x, packed, bias, y, scratch);
}

}  // namespace petra::kernel
