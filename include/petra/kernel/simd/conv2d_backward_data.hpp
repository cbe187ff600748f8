// Gradient of a convolution with respect to its input, in float.
//
// The pixels of dx fall into stride x stride phases, and each phase is a convolution of stride 1 of dy with those taps
// of the flipped kernel that reach it. So no product with an inserted zero is computed and nothing is scattered: the
// forward's tiles run at the forward's speed. (The alternative, dy . W into patches that are added to dx, moves KH*KW
// times the data of dx.)
#pragma once
#include "petra/kernel/reference/conv2d.hpp"
#include "petra/kernel/simd/depthwise.hpp"
#include "petra/kernel/simd/direct.hpp"
#include "petra/kernel/simd/padded.hpp"
#include "petra/kernel/simd/phase.hpp"

namespace petra::inline PETRA_ABI::kernel {

// dx (N,H,W,C) += dy (N,OH,OW,O) * w (O,KH,KW,C/groups), transposed. Accumulates into dx.
// Cost: 2 * macs() operations.
inline void conv2d_backward_data(simd_tag, conv2d_dims d, float const* dy, float const* w, float* dx,
                                 workspace& scratch) {
  using namespace simd;
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
  if (d.depthwise()) return depthwise_backward_data(d, dy, w, dx, scratch);
  workspace::scope const release(scratch);
  if (d.kernel_h == 1 && d.kernel_w == 1 && d.stride == 1 && d.pad == 0) {
    d.w *= d.n * d.h;
    d.n = d.h = 1;
  }
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), go = d.group_o(), patch = d.patch();
  bool unframed = d.groups == 1;
  each_phase(d, [&](index_t, index_t, conv_phase, conv_phase x) {
    unframed &= x.first >= -1 && x.end() <= ow + 1 && slides_unframed(x.taps, 1, gc, x.pixels, x.first<0, x.end()> ow);
  });
  frame const f = unframed ? frame{oh, ow, go, 0, 0} : gradient_frame(d, go);
  bool const copied = !f.trivial(oh, ow, d.o);
  float* const padded = copied ? take_frame(scratch, f, 3 * go) : nullptr;
  // The phases share the taps between them: together they need as much as one packed kernel.
  auto* const packed = scratch.take<float>(packed_size(d.kernel_h * d.kernel_w * go, gc));

  for (index_t g = 0; g < d.groups; ++g) {
    float* to = packed;
    each_phase(d, [&](index_t, index_t, conv_phase y, conv_phase x) {
      index_t const k = y.taps * x.taps * go;
      for (index_t r = 0; r < y.taps; ++r)
        for (index_t s = 0; s < x.taps; ++s) {
          index_t const tap = (y.last - d.stride * r) * d.kernel_w + x.last - d.stride * s;
          pack(go, gc, w + g * go * patch + tap * gc, patch, 1, to, k, (r * x.taps + s) * go);
        }
      to += packed_size(k, gc);
    });
    for (index_t n = 0; n < d.n; ++n) {
      float const* const from = dy + n * oh * ow * d.o + g * go;
      float* const out = dx + n * d.h * d.w * d.c + g * gc;
      float const* const in = copied ? padded + f.top * f.row() + f.left * go : from;
      if (copied) copy_rows(f, from, oh, ow, d.o, padded, 0, f.rows);
      float const* kernel = packed;
      each_phase(d, [&](index_t py, index_t px, conv_phase y, conv_phase x) {
        direct_convolution(
            {y.pixels, x.pixels, gc, y.taps, x.taps * go, f.row(), 1, go, d.stride * d.w * d.c, d.stride * d.c,
             -y.first, oh - y.first, true, copied, unframed && x.first < 0, unframed && x.end() > ow},
            in + y.first * f.row() + x.first * go, kernel, nullptr, out + (py * d.w + px) * d.c);
        kernel += packed_size(y.taps * x.taps * go, gc);
      });
    }
  }
}

}  // namespace petra::kernel
