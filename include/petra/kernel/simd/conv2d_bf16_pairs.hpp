// What convolutions of bf16 need besides the tiles of the float ones, where the machine multiplies pairs: packed weights
// and, for the gradient of the weights, pictures as pairs.
//
// Forward, a pair is two neighboring channels of the input (a picture of odd channels is copied with a zero after
// them); for the gradient of the data, two outputs. The gradient of the weights sums over pixels, so there a pair is
// one channel of two neighboring output pixels p, p + 1: dy as (p / 2, O), and the picture as (q, C) with q and
// q + stride in a word, which every tap can read. Both are written once per picture: 4 % of the time for 64 channels.
#pragma once
#include <algorithm>

#include "petra/kernel/conv2d_dims.hpp"
#include "petra/kernel/simd/bf16_pairs.hpp"
#include "petra/kernel/simd/conv2d_backward_weight.hpp"
#include "petra/kernel/simd/pack.hpp"

#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
namespace petra::inline PETRA_ABI::kernel::simd {

// Packs w (O, taps, C) of one group, as (taps * pairs of C, O).
template <class = void>
void pack_channels(index_t go, index_t taps, index_t gc, bf16 const* w, bf16_pair* to) {
  index_t const pixel = (gc + 1) / 2, rows = taps * pixel;
  if (gc % 2 == 0) return pack(rows, go, reinterpret_cast<bf16_pair const*>(w), 1, rows, to, rows);
  for (index_t panel = 0; panel < go; panel += panel_width) {
    index_t const width = padded_columns(std::min(go - panel, panel_width));
    for (index_t i = 0; i < rows; ++i)
      for (index_t j = panel; j < panel + width; ++j, ++to) {
        index_t const c = i % pixel * 2;
        bf16 const* const p = w + (j * taps + i / pixel) * gc + c;
        to->bits = j >= go ? 0u : p->bits | (c + 1 < gc ? std::uint32_t{p[1].bits} << 16 : 0u);
      }
  }
}

// Packs one tap of w, outputs `patch` apart, as rows [first, first + pairs of O) of (k, C).
template <class = void>
void pack_outputs(index_t go, index_t gc, bf16 const* w, index_t patch, bf16_pair* to, index_t k, index_t first) {
  for (index_t panel = 0; panel < gc; panel += panel_width) {
    index_t const columns = std::min(gc - panel, panel_width), width = padded_columns(columns);
    for (index_t o = 0; o < go; o += 2)
      for (index_t j = 0; j < columns; j += lanes) {
        bf16 const* const p = w + o * patch + panel + j;
        index_t const n = std::min(lanes, columns - j);
        store(to + (first + o / 2) * width + j, o + 1 < go ? interleave(p, p + patch, n) : interleave(p, n));
      }
    to += k * width;
  }
}

// to[i] = (a[i], b[i]); null stands for zeros.
template <class = void>
void pair_numbers(bf16 const* a, bf16 const* b, index_t count, bf16_pair* to) {
  index_t i = 0;
  if (a != nullptr && b != nullptr) {
    for (; i + lanes <= count; i += lanes) store(to + i, interleave(a + i, b + i));
    if (i < count) store_first(to + i, interleave(a + i, b + i, count - i), count - i);
    return;
  }
  for (; i < count; ++i) to[i].bits = a != nullptr ? a[i].bits : b != nullptr ? std::uint32_t{b[i].bits} << 16 : 0u;
}

// Pixels 0, step, 2 step ... (`count` of them) of `channels` numbers, two at a time.
template <class = void>
void pair_pixels(bf16 const* from, index_t step, index_t count, index_t channels, bf16_pair* to) {
  for (index_t p = 0; p < count; p += 2, from += 2 * step, to += channels)
    pair_numbers(from, p + 1 < count ? from + step : nullptr, channels, to);
}

// A row of w pixels of `channels` out of `pitch` numbers as pairs of pixels `stride` apart: pixel q of `to` holds
// pixels q - pad and q - pad + stride of the row, zeros where they do not exist. `to` is zero at first.
template <class = void>
void pair_row(bf16 const* from, index_t w, index_t pitch, index_t channels, index_t pad, index_t stride,
              bf16_pair* to) {
  index_t const step = stride * pitch;
  for (index_t x = std::max(-pad, -stride); x < w;) {
    index_t const both = x >= 0 && pitch == channels ? std::max<index_t>(1, w - stride - x) : 1;  // pixels at once
    pair_numbers(x >= 0 ? from + x * pitch : nullptr, x + stride < w ? from + x * pitch + step : nullptr,
                 both * channels, to + (x + pad) * channels);
    x += both;
  }
}

// dw (O,KH,KW,C/groups) += dy (N,OH,OW,O) * x (N,H,W,C), summed over all pixels.
template <class = void>
void conv2d_backward_weight_pairs(conv2d_dims d, bf16 const* x, bf16 const* dy, float* dw, workspace& scratch) {
  workspace::scope const release(scratch);
  d = d.flattened(32768 / d.c);
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), go = d.group_o();
  // Of a kernel one column wide no pixel is read twice: the picture is paired as dy is.
  bool const pointwise = d.kernel_w == 1 && d.pad.left == 0 && d.pad.right == 0;
  index_t const half = (ow + 1) / 2, row = gc * (pointwise ? half : d.w + d.pad.left + d.pad.right + d.stride.w);
  auto* const picture = scratch.take<bf16_pair>(d.h * row + lanes);
  auto* const pixels = scratch.take<bf16_pair>(oh * half * go + lanes);
  std::fill_n(picture, d.h * row + lanes, bf16_pair{});
  weight_gradient sum(d, dw, scratch);
  for (index_t n = 0; n < d.n; ++n)
    for (index_t g = 0; g < d.groups; ++g) {
      bf16 const* const from = x + n * d.h * d.w * d.c + g * gc;
      for (index_t y = 0; y < d.h; y += d.kernel_h == 1 && d.pad.top == 0 ? d.stride.h : 1) {
        if (pointwise)
          pair_pixels(from + y * d.w * d.c, d.stride.w * d.c, ow, gc, picture + y * row);
        else
          pair_row(from + y * d.w * d.c, d.w, d.c, gc, d.pad.left, d.stride.w, picture + y * row);
      }
      for (index_t y = 0; y < oh; ++y)
        pair_pixels(dy + ((n * oh + y) * ow) * d.o + g * go, d.o, ow, go, pixels + y * half * go);
      sum.add(g, picture - d.pad.top * row, row, pointwise ? gc : 2 * d.stride.w * gc, pixels, half * go, go, half);
    }
  sum.finish();
}

}  // namespace petra::kernel::simd
#endif
