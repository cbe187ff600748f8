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

namespace petra::inline PETRA_ABI::kernel {

// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + bias (O). Assigns y; bias may be null.
inline void conv2d(simd_tag, conv2d_dims d, float const* x, float const* w, float const* bias, float* y,
                   workspace& scratch) {
  using namespace simd;
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
  if (d.depthwise()) return depthwise(d, x, w, bias, y, scratch);
  workspace::scope const release(scratch);
  if (d.kernel_h == 1 && d.kernel_w == 1 && d.stride == 1 && d.pad == 0) {
    d.w *= d.n * d.h;
    d.n = d.h = 1;
  }
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), go = d.group_o(), patch = d.patch();
  // Columns that the last pixel reaches behind the picture.
  index_t const behind = (ow - 1) * d.stride + d.kernel_w - d.pad - d.w;
  bool const unframed =
      d.groups == 1 && d.pad == 1 && behind <= 1 && slides_unframed(d.kernel_w, d.stride, go, ow, true, behind == 1);
  frame const f = unframed ? frame{d.h, d.w, gc, 0, 0} : frame{d.h + 2 * d.pad, d.w + 2 * d.pad, gc, d.pad, d.pad};
  bool const copied = !f.trivial(d.h, d.w, d.c);
  float* const padded = copied ? take_frame(scratch, f, 3 * d.stride * gc) : nullptr;
  auto* const packed = scratch.take<float>(packed_size(patch, go));
  float* packed_bias = nullptr;
  if (bias != nullptr) {
    packed_bias = scratch.take<float>(padded_columns(go));
    std::fill_n(packed_bias, padded_columns(go), 0.f);
  }
  // Rows of the output per step: 64 KB of x, so that what was copied is still near when it is used. Layers of a
  // ResNet-20 do not care (8 to 64 KB and whole pictures differ by 2 %); pictures as large as the L2 cache do.
  index_t const block = std::clamp<index_t>(16384 / (d.stride * f.row()), 1, oh);

  for (index_t g = 0; g < d.groups; ++g) {
    pack(patch, go, w + g * go * patch, 1, patch, packed, patch);
    if (bias != nullptr) std::copy_n(bias + g * go, go, packed_bias);
    for (index_t n = 0; n < d.n; ++n) {
      float const* const from = x + n * d.h * d.w * d.c + g * gc;
      float const* const in = copied ? padded : from;
      float* const out = y + n * oh * ow * d.o + g * go;
      index_t ready = 0;
      for (index_t r = 0; r < oh; r += block) {
        index_t const rows = std::min(block, oh - r);
        if (copied) {
          index_t const needed = (r + rows - 1) * d.stride + d.kernel_h;
          copy_rows(f, from, d.h, d.w, d.c, padded, ready, needed);
          ready = needed;
        }
        index_t const first = r * d.stride;
        direct_convolution({rows, ow, go, d.kernel_h, d.kernel_w * gc, f.row(), d.stride, d.stride * gc, ow * d.o, d.o,
                            d.pad - first, d.pad + d.h - first, false, copied, unframed, unframed && behind == 1},
                           in + (first - d.pad + f.top) * f.row() + (f.left - d.pad) * gc, packed, packed_bias,
                           out + r * ow * d.o);
      }
    }
  }
}

}  // namespace petra::kernel
