// Gradient of a convolution with respect to its weights, in float.
//
// One kernel row of dw (O, KW*C) is dy (P,O)^T . patches (P, KW*C), the patches being contiguous runs of the padded
// picture: `column_tile` reads both in place and writes dw in its own layout. The sum runs over a whole picture before
// dw is touched.
#pragma once
#include "petra/kernel/reference/conv2d.hpp"
#include "petra/kernel/simd/column_tile.hpp"
#include "petra/kernel/simd/depthwise.hpp"
#include "petra/kernel/simd/padded.hpp"

namespace petra::inline PETRA_ABI::kernel {

// dw (O,KH,KW,C/groups) += dy (N,OH,OW,O) * x (N,H,W,C), summed over all pixels. Accumulates into dw.
// Cost: 2 * macs() operations.
inline void conv2d_backward_weight(simd_tag, conv2d_dims d, float const* x, float const* dy, float* dw,
                                   workspace& scratch) {
  using namespace simd;
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
  if (d.depthwise()) return depthwise_backward_weight(d, x, dy, dw, scratch);
  workspace::scope const release(scratch);
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), go = d.group_o(), patch = d.patch();
  index_t const slab = d.kernel_w * gc;
  frame const f{d.h + 2 * d.pad, d.w + 2 * d.pad, gc, d.pad, d.pad};
  // Whole vectors are read of every slab, so the last one needs room behind it.
  bool const copied = !f.trivial(d.h, d.w, d.c) || slab % lanes != 0;
  float* const padded = copied ? take_frame(scratch, f, lanes) : nullptr;

  for (index_t n = 0; n < d.n; ++n)
    for (index_t g = 0; g < d.groups; ++g) {
      float const* const from = x + n * d.h * d.w * d.c + g * gc;
      if (copied) copy_rows(f, from, d.h, d.w, d.c, padded, 0, f.rows);
      float const* const in = copied ? padded : from;
      float const* const out = dy + n * oh * ow * d.o + g * go;
      for (index_t r = 0; r < d.kernel_h; ++r)
        column_tiles({oh, ow, d.o, ow * d.o, d.stride * gc, d.stride * f.row(), patch, true}, go, slab, out,
                     in + r * f.row(), dw + g * go * patch + r * slab);
    }
}

}  // namespace petra::kernel
