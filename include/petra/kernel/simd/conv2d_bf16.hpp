// Two-dimensional convolution of bf16 and its gradients, sums in float: conv2d, conv2d_backward_data,
// conv2d_backward_weight.
//
// With AVX512-BF16 the tiles of the float convolutions run on pairs of numbers, at twice their rate. Narrow groups,
// depthwise ones among them, and machines without that instruction convert to float and back: a conversion is one
// operation for the KH*KW*C (or KH*KW) of each number, and emulating the pairs would take two multiply-adds and two
// shifts each.
#pragma once
#include <algorithm>

#include "petra/kernel/reference/conv2d_bf16.hpp"
#include "petra/kernel/simd/bf16.hpp"
#include "petra/kernel/simd/bf16_pairs.hpp"
#include "petra/kernel/simd/conv2d.hpp"
#include "petra/kernel/simd/conv2d_bf16_pairs.hpp"

namespace petra::inline PETRA_ABI::kernel {
namespace simd {

template <class = void>
float* widen(index_t n, bf16 const* x, workspace& scratch) {
  auto* const y = scratch.take<float>(n);
  to_float(simd_tag{}, n, x, y);
  return y;
}

// Half a vector of pairs is as fast as a whole one of floats.
constexpr bool as_floats(lane_groups const& g, conv2d_dims const& d) {
  return g.narrow(d.kernel_h * d.kernel_w) && 4 * g.makes <= lanes;
}

// f(some pictures, index of the first of them): as many at a time as stay in the L2 cache when they are floats. All 32 at
// once took three times as long (depthwise, 64 channels, 16 x 16).
template <class F>
void each_part(conv2d_dims d, F f) {
  index_t const n = d.n, most = std::max<index_t>(1, 65536 / (d.h * d.w * d.c + d.out_h() * d.out_w() * d.o));
  for (index_t i = 0; i < n; i += most) {
    d.n = std::min(most, n - i);
    f(d, i);
  }
}

}  // namespace simd

// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + bias (O). Assigns y; bias may be null.
template <class = void>
void conv2d(simd_tag, conv2d_dims d, bf16 const* x, bf16 const* w, float const* bias, bf16* y, workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (!simd::as_floats(simd::forward_groups(d), d)) {
    workspace::scope const release_packed(scratch);
    auto* const packed = scratch.take<simd::bf16_pair>(d.groups * simd::packed_group<bf16>(d));
    simd::pack_forward(d, w, packed);
    return simd::conv2d_dense(d, x, packed, bias, y, scratch);
  }
#endif
  workspace::scope const release(scratch);
  index_t const in = d.h * d.w * d.c, out = d.out_h() * d.out_w() * d.o;
  float const* const wf = simd::widen(d.o * d.patch(), w, scratch);
  simd::each_part(d, [&](conv2d_dims const& part, index_t n) {
    workspace::scope const release_part(scratch);
    float const* const xf = simd::widen(part.n * in, x + n * in, scratch);
    auto* const yf = scratch.take<float>(part.n * out);
    conv2d(simd_tag{}, part, xf, wf, bias, yf, scratch);
    to_bf16(simd_tag{}, part.n * out, yf, y + n * out);
  });
}

// dx (N,H,W,C) += dy (N,OH,OW,O) * w (O,KH,KW,C/groups), transposed. Accumulates into dx.
// Cost: 2 * macs() operations.
template <class = void>
void conv2d_backward_data(simd_tag, conv2d_dims d, bf16 const* dy, bf16 const* w, bf16* dx, workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (!simd::as_floats(simd::gradient_groups(d), d)) {
    workspace::scope const release_packed(scratch);
    auto* const packed = scratch.take<simd::bf16_pair>(d.groups * simd::packed_gradient_group<bf16>(d));
    simd::pack_backward_data(d, w, packed);
    return simd::conv2d_backward_data_dense(d, dy, packed, dx, true, scratch);
  }
#endif
  workspace::scope const release(scratch);
  index_t const in = d.h * d.w * d.c, out = d.out_h() * d.out_w() * d.o;
  float const* const wf = simd::widen(d.o * d.patch(), w, scratch);
  simd::each_part(d, [&](conv2d_dims const& part, index_t n) {
    workspace::scope const release_part(scratch);
    float const* const dyf = simd::widen(part.n * out, dy + n * out, scratch);
    float* const dxf = simd::widen(part.n * in, dx + n * in, scratch);
    conv2d_backward_data(simd_tag{}, part, dyf, wf, dxf, scratch);
    to_bf16(simd_tag{}, part.n * in, dxf, dx + n * in);
  });
}

// dw (O,KH,KW,C/groups) += dy (N,OH,OW,O) * x (N,H,W,C), summed over all pixels. Accumulates into dw.
// Cost: 2 * macs() operations.
template <class = void>
void conv2d_backward_weight(simd_tag, conv2d_dims d, bf16 const* x, bf16 const* dy, float* dw, workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (!simd::forward_groups(d).narrow(d.kernel_h * d.kernel_w))
    return simd::conv2d_backward_weight_pairs(d, x, dy, dw, scratch);
#endif
  index_t const in = d.h * d.w * d.c, out = d.out_h() * d.out_w() * d.o;
  simd::each_part(d, [&](conv2d_dims const& part, index_t n) {
    workspace::scope const release(scratch);
    float const* const xf = simd::widen(part.n * in, x + n * in, scratch);
    float const* const dyf = simd::widen(part.n * out, dy + n * out, scratch);
    conv2d_backward_weight(simd_tag{}, part, xf, dyf, dw, scratch);
  });
}

}  // namespace petra::kernel
