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
#include "petra/kernel/simd/transpose.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

// to (columns, rows) += from (rows, columns)^T. Pre: columns % lanes == 0.
inline void add_transposed(index_t rows, index_t columns, float const* from, float* to) {
  for (index_t j = 0; j < columns; j += lanes)
    for (index_t i = 0; i < rows; i += lanes) {
      index_t const n = std::min(lanes, rows - i);
      alignas(PETRA_VECTOR_BYTES) float block[lanes * lanes];
      transpose_block(from + i * columns + j, columns, n, block, lanes);
      for (index_t k = 0; k < lanes; ++k) {
        float* const p = to + (j + k) * rows + i;
        store_first(p, load_first(p, n) + load(block + k * lanes), n);
      }
    }
}

}  // namespace simd

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
  // Vectors along the outputs where those fill them and patches do not: for few channels, and for 1x1.
  bool const by_output = go % lanes == 0 && (slab <= lanes || slab % lanes != 0);
  frame const f{d.h + 2 * d.pad, d.w + 2 * d.pad, gc, d.pad, d.pad};
  // Whole vectors are read of every slab, so the last one needs room behind it.
  bool const copied = !f.trivial(d.h, d.w, d.c) || (!by_output && slab % lanes != 0);
  float* const padded = copied ? take_frame<float>(scratch, f, lanes) : nullptr;
  float* const turned = by_output ? scratch.take<float>(d.groups * patch * go) : nullptr;  // (groups, patch, O/groups)
  if (by_output) std::fill_n(turned, d.groups * patch * go, 0.f);

  index_t const rows = oh;
  for (index_t n = 0; n < d.n; ++n)
    for (index_t g = 0; g < d.groups; ++g) {
      float const* const from = x + n * d.h * d.w * d.c + g * gc;
      if (copied) copy_rows(f, from, d.h, d.w, d.c, padded, 0, f.rows);
      float const* const in = copied ? padded : from;
      float const* const out = dy + n * oh * ow * d.o + g * go;
      float* const sum = by_output ? turned + g * patch * go : dw + g * go * patch;
      if constexpr (registers == 32)
        if (by_output && slab == 9 && d.kernel_h == 3) {
          // 3x3 over three channels, the first layer of most networks: all 27 rows in one tile.
          column_product const all{oh, ow, d.stride * gc, d.stride * f.row(), d.o, ow * d.o, go, f.row()};
          for (index_t o = 0; o < go; o += lanes) column_tile<27, 1, 9>(all, in, out + o, sum + o, lanes);
          continue;
        }
      for (index_t b = 0; b < oh; b += rows)
        for (index_t r = 0; r < d.kernel_h; ++r) {
          // Output rows whose patches have this kernel row inside the picture.
          index_t const top = std::max(b, (d.pad - r + d.stride - 1) / d.stride);
          index_t const end =
              d.h - 1 + d.pad - r < 0 ? 0 : std::min({b + rows, oh, (d.h - 1 + d.pad - r) / d.stride + 1});
          if (end <= top) continue;
          float const* const p = in + (r + top * d.stride) * f.row();
          float const* const q = out + top * ow * d.o;
          if (by_output)
            column_tiles({end - top, ow, d.stride * gc, d.stride * f.row(), d.o, ow * d.o, go}, slab, go, p, q,
                         sum + r * slab * go);
          else
            column_tiles({end - top, ow, d.o, ow * d.o, d.stride * gc, d.stride * f.row(), patch}, go, slab, q, p,
                         sum + r * slab);
        }
    }
  if (by_output)
    for (index_t g = 0; g < d.groups; ++g) add_transposed(patch, go, turned + g * patch * go, dw + g * go * patch);
}

}  // namespace petra::kernel
