// Convolution of floats that are rounded to bf16 as they are read, sums and results in float: what mixed precision trains with.
//
// With AVX512-BF16 the operands of a few pictures are rounded into scratch memory that stays in the L2 cache, and the tiles of
// conv2d_bf16 multiply pairs of them. Narrow groups, and machines without that instruction, multiply the rounded numbers as
// floats. A slice of ResNet-20's widest maps is rounded in 4 % of the time that its convolution takes.
#pragma once
#include <algorithm>

#include "petra/kernel/reference/conv2d_rounded.hpp"
#include "petra/kernel/simd/conv2d_bf16.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

// n floats as bf16, in scratch. Rounded by the instruction: denormals become zero, as in the products.
template <class = void>
bf16* narrow(index_t n, float const* x, workspace& scratch) {
  auto* const y = scratch.take<bf16>(n);
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  index_t i = 0;
  for (; i + lanes <= n; i += lanes) store(y + i, load(x + i));
  if (i < n) store_first(y + i, load_first(x + i, n - i), n - i);
#else
  to_bf16(simd_tag{}, n, x, y);
#endif
  return y;
}
template <class = void>
float* narrow_and_widen(index_t n, float const* x, workspace& scratch) {
  auto* const y = scratch.take<float>(n);
  workspace::scope const release(scratch);
  to_float(simd_tag{}, n, narrow(n, x, scratch), y);
  return y;
}

// Whether the pairs of bf16 are multiplied, and not floats.
constexpr bool in_pairs(lane_groups const& g, conv2d_dims const& d) {
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  return !g.narrow(d.kernel_h * d.kernel_w);
#else
  return g.narrow(d.kernel_h * d.kernel_w) && false;
#endif
}

}  // namespace simd

// Weights as the passes below read them, in words of a float's size.
constexpr index_t packed_conv2d_rounded_size(simd_tag, conv2d_dims const& d) {
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (simd::in_pairs(simd::forward_groups(d), d)) return d.groups * simd::packed_group<bf16>(d);
#endif
  return packed_conv2d_size(simd_tag{}, d);
}
template <class = void>
void pack_conv2d_rounded(simd_tag, conv2d_dims const& d, float const* w, float* packed, workspace& scratch) {
  workspace::scope const release(scratch);
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (simd::in_pairs(simd::forward_groups(d), d))
    return simd::pack_forward(d, static_cast<bf16 const*>(simd::narrow(d.o * d.patch(), w, scratch)),
                              reinterpret_cast<simd::bf16_pair*>(packed));
#endif
  pack_conv2d(simd_tag{}, d, simd::narrow_and_widen(d.o * d.patch(), w, scratch), packed);
}
constexpr index_t packed_conv2d_gradient_rounded_size(simd_tag, conv2d_dims const& d) {
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (simd::in_pairs(simd::gradient_groups(d), d)) return d.groups * simd::packed_gradient_group<bf16>(d);
#endif
  return packed_conv2d_gradient_size(simd_tag{}, d);
}
template <class = void>
void pack_conv2d_gradient_rounded(simd_tag, conv2d_dims const& d, float const* w, float* packed, workspace& scratch) {
  workspace::scope const release(scratch);
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (simd::in_pairs(simd::gradient_groups(d), d))
    return simd::pack_backward_data(d, static_cast<bf16 const*>(simd::narrow(d.o * d.patch(), w, scratch)),
                                    reinterpret_cast<simd::bf16_pair*>(packed));
#endif
  pack_conv2d_gradient(simd_tag{}, d, simd::narrow_and_widen(d.o * d.patch(), w, scratch), packed);
}

// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + bias (O). Assigns y; bias may be null and is not rounded.
template <class = void>
void conv2d_rounded(simd_tag, conv2d_dims d, float const* x, float const* packed, float const* bias, float* y,
                    workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
  workspace::scope const release(scratch);
  index_t const in = d.n * d.h * d.w * d.c;
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (simd::in_pairs(simd::forward_groups(d), d))
    return simd::conv2d_dense(d, static_cast<bf16 const*>(simd::narrow(in, x, scratch)),
                              reinterpret_cast<simd::bf16_pair const*>(packed), bias, y, scratch);
#endif
  conv2d_packed(simd_tag{}, d, simd::narrow_and_widen(in, x, scratch), packed, bias, y, scratch);
}

// dx (N,H,W,C) = or, to accumulate, += dy (N,OH,OW,O) * w (O,KH,KW,C/groups), transposed.
template <class = void>
void conv2d_backward_data_rounded(simd_tag, conv2d_dims d, float const* dy, float const* packed, float* dx,
                                  bool accumulate, workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
  workspace::scope const release(scratch);
  index_t const out = d.n * d.out_h() * d.out_w() * d.o;
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  if (simd::in_pairs(simd::gradient_groups(d), d))
    return simd::conv2d_backward_data_dense(d, static_cast<bf16 const*>(simd::narrow(out, dy, scratch)),
                                            reinterpret_cast<simd::bf16_pair const*>(packed), dx, accumulate, scratch);
#endif
  conv2d_backward_data_packed(simd_tag{}, d, simd::narrow_and_widen(out, dy, scratch), packed, dx, accumulate, scratch);
}

// dw (O,KH,KW,C/groups) += dy (N,OH,OW,O) * x (N,H,W,C), summed over all pixels. Accumulates into dw.
template <class = void>
void conv2d_backward_weight_rounded(simd_tag, conv2d_dims d, float const* x, float const* dy, float* dw,
                                    workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
  workspace::scope const release(scratch);
  bf16 const* const xr = simd::narrow(d.n * d.h * d.w * d.c, x, scratch);
  conv2d_backward_weight(simd_tag{}, d, xr,
                         static_cast<bf16 const*>(simd::narrow(d.n * d.out_h() * d.out_w() * d.o, dy, scratch)), dw,
                         scratch);
}

}  // namespace petra::kernel
