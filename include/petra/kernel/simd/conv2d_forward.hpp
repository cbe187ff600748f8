// Two-dimensional convolution in float.
//
// Each picture is copied once into a zero-padded frame that stays in the L2 cache, a few rows ahead of their use; the
// kernel rows are then contiguous runs of it and `row_tile` reads them in place. 1x1 convolutions of stride 1 are one
// long row of pixels.
#pragma once
#include "petra/kernel/reference/conv2d.hpp"
#include "petra/kernel/simd/depthwise.hpp"
#include "petra/kernel/simd/direct.hpp"
#include "petra/kernel/simd/padded.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Packs w (O, taps, C) of one group, rows `patch` apart, as (taps * words of C, O).
inline void pack_channels(index_t go, index_t taps, index_t gc, float const* w, float* to) {
  pack(taps * gc, go, w, 1, taps * gc, to, taps * gc);
}

// The convolution for any kind of words; depthwise ones have their own.
template <class T>
void conv2d_dense(conv2d_dims d, T const* x, T const* w, float const* bias, T* y, workspace& scratch) {
  using words = words_of<T>;
  using word = typename words::type;
  workspace::scope const release(scratch);
  if (d.kernel_h == 1 && d.kernel_w == 1 && d.stride == 1 && d.pad == 0) {
    d.w *= d.n * d.h;
    d.n = d.h = 1;
  }
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), go = d.group_o(), patch = d.patch();
  index_t const pixel = (gc + words::numbers - 1) / words::numbers, spare = pixel * words::numbers - gc;
  // Columns that the last pixel reaches behind the picture.
  index_t const behind = (ow - 1) * d.stride + d.kernel_w - d.pad - d.w;
  bool const unframed = d.groups == 1 && spare == 0 && d.pad == 1 && behind <= 1 &&
                        slides_unframed<word>(d.kernel_w, d.stride, go, ow, true, behind == 1);
  frame const f =
      unframed ? frame{d.h, d.w, gc, 0, 0} : frame{d.h + 2 * d.pad, d.w + 2 * d.pad, gc, d.pad, d.pad, spare};
  bool const copied = !f.trivial(d.h, d.w, d.c);
  index_t const row = f.row() / words::numbers;
  T* const padded = copied ? take_frame<T>(scratch, f, 3 * d.stride * f.pixel()) : nullptr;
  index_t const k = d.kernel_w * pixel;
  auto* const packed = scratch.take<word>(packed_size(d.kernel_h * k, go));
  float* packed_bias = nullptr;
  if (bias != nullptr) {
    packed_bias = scratch.take<float>(padded_columns(go));
    std::fill_n(packed_bias, padded_columns(go), 0.f);
  }
  // Rows of the output per step: 64 KB of x, so that what was copied is still near when it is used. Layers of a
  // ResNet-20 do not care (8 to 64 KB and whole pictures differ by 2 %); pictures as large as the L2 cache do.
  index_t const block = std::clamp<index_t>(16384 / (d.stride * row), 1, oh);

  for (index_t g = 0; g < d.groups; ++g) {
    pack_channels(go, d.kernel_h * d.kernel_w, gc, w + g * go * patch, packed);
    if (bias != nullptr) std::copy_n(bias + g * go, go, packed_bias);
    for (index_t n = 0; n < d.n; ++n) {
      T const* const from = x + n * d.h * d.w * d.c + g * gc;
      auto const* const in = reinterpret_cast<word const*>(copied ? padded : from);
      T* const out = y + n * oh * ow * d.o + g * go;
      index_t ready = 0;
      for (index_t r = 0; r < oh; r += block) {
        index_t const rows = std::min(block, oh - r), first = r * d.stride;
        if (copied) {
          index_t const needed = first + (rows - 1) * d.stride + d.kernel_h;
          copy_rows(f, from, d.h, d.w, d.c, padded, ready, needed);
          ready = needed;
        }
        direct_convolution({rows, ow, go, d.kernel_h, k, row, d.stride, d.stride * pixel, ow * d.o, d.o, d.pad - first,
                            d.pad + d.h - first, false, copied, unframed, unframed && behind == 1},
                           in + (first - d.pad + f.top) * row + (f.left - d.pad) * pixel, packed, packed_bias,
                           out + r * ow * d.o);
      }
    }
  }
}

}  // namespace petra::kernel::simd

namespace petra::inline PETRA_ABI::kernel {

// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + bias (O). Assigns y; bias may be null.
inline void conv2d(simd_tag, conv2d_dims d, float const* x, float const* w, float const* bias, float* y,
                   workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
  if (d.depthwise()) return simd::depthwise(d, x, w, bias, y, scratch);
  simd::conv2d_dense(d, x, w, bias, y, scratch);
}

}  // namespace petra::kernel
