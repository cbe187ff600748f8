// Two-dimensional convolution of bf16 and its gradients, sums in float: conv2d, conv2d_backward_data,
// conv2d_backward_weight.
//
// With AVX512-BF16 the tiles of the float convolutions run on pairs of numbers, at twice their rate. Depthwise
// convolutions, and machines without that instruction, convert to float and back: a conversion is one operation for
// the KH*KW*C (or KH*KW) of each number, and emulating the pairs would take two multiply-adds and two shifts each.
#pragma once
#include "petra/kernel/reference/conv2d_bf16.hpp"
#include "petra/kernel/simd/bf16.hpp"
#include "petra/kernel/simd/bf16_pairs.hpp"
#include "petra/kernel/simd/conv2d.hpp"
#include "petra/kernel/simd/conv2d_bf16_pairs.hpp"

namespace petra::inline PETRA_ABI::kernel {
namespace simd {

inline float* widen(index_t n, bf16 const* x, workspace& scratch) {
  auto* const y = scratch.take<float>(n);
  to_float(simd_tag{}, n, x, y);
  return y;
}

}  // namespace simd

// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + bias (O). Assigns y; bias may be null.
inline void conv2d(simd_tag, conv2d_dims d, bf16 const* x, bf16 const* w, float const* bias, bf16* y,
                   workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (!d.depthwise()) return simd::conv2d_dense(d, x, w, bias, y, scratch);
#endif
  workspace::scope const release(scratch);
  index_t const outputs = d.n * d.out_h() * d.out_w() * d.o;
  float const* const xf = simd::widen(d.n * d.h * d.w * d.c, x, scratch);
  float const* const wf = simd::widen(d.o * d.patch(), w, scratch);
  auto* const yf = scratch.take<float>(outputs);
  conv2d(simd_tag{}, d, xf, wf, bias, yf, scratch);
  to_bf16(simd_tag{}, outputs, yf, y);
}

// dx (N,H,W,C) += dy (N,OH,OW,O) * w (O,KH,KW,C/groups), transposed. Accumulates into dx.
// Cost: 2 * macs() operations.
inline void conv2d_backward_data(simd_tag, conv2d_dims d, bf16 const* dy, bf16 const* w, bf16* dx, workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (!d.depthwise()) return simd::conv2d_backward_data_dense(d, dy, w, dx, scratch);
#endif
  workspace::scope const release(scratch);
  index_t const inputs = d.n * d.h * d.w * d.c;
  float const* const dyf = simd::widen(d.n * d.out_h() * d.out_w() * d.o, dy, scratch);
  float const* const wf = simd::widen(d.o * d.patch(), w, scratch);
  float* const dxf = simd::widen(inputs, dx, scratch);
  conv2d_backward_data(simd_tag{}, d, dyf, wf, dxf, scratch);
  to_bf16(simd_tag{}, inputs, dxf, dx);
}

// dw (O,KH,KW,C/groups) += dy (N,OH,OW,O) * x (N,H,W,C), summed over all pixels. Accumulates into dw.
// Cost: 2 * macs() operations.
inline void conv2d_backward_weight(simd_tag, conv2d_dims d, bf16 const* x, bf16 const* dy, float* dw,
                                   workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (!d.depthwise()) return simd::conv2d_backward_weight_pairs(d, x, dy, dw, scratch);
#endif
  workspace::scope const release(scratch);
  float const* const xf = simd::widen(d.n * d.h * d.w * d.c, x, scratch);
  float const* const dyf = simd::widen(d.n * d.out_h() * d.out_w() * d.o, dy, scratch);
  conv2d_backward_weight(simd_tag{}, d, xf, dyf, dw, scratch);
}

}  // namespace petra::kernel
