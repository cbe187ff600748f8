// Convolution of floats that are rounded to bf16 as they are read, sums and results in float: what mixed precision trains with.
// The specification of kernel::conv2d_rounded*.
#pragma once
#include <algorithm>

#include "petra/kernel/bf16.hpp"
#include "petra/kernel/reference/conv2d.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y = x, each number as bf16 holds it.
constexpr void round_to_bf16(scalar_tag, index_t n, float const* x, float* y) {
  for (index_t i = 0; i < n; ++i) y[i] = to_float(to_bf16(x[i]));
}

inline float* rounded(index_t n, float const* x, workspace& scratch) {
  auto* const y = scratch.take<float>(n);
  round_to_bf16(scalar_tag{}, n, x, y);
  return y;
}

// Weights as the passes below read them; here rounded floats.
constexpr index_t packed_conv2d_rounded_size(scalar_tag, conv2d_dims const& d) { return d.o * d.patch(); }
constexpr index_t packed_conv2d_gradient_rounded_size(scalar_tag, conv2d_dims const& d) { return d.o * d.patch(); }
constexpr void pack_conv2d_rounded(scalar_tag, conv2d_dims const& d, float const* w, float* packed, workspace&) {
  round_to_bf16(scalar_tag{}, d.o * d.patch(), w, packed);
}
constexpr void pack_conv2d_gradient_rounded(scalar_tag, conv2d_dims const& d, float const* w, float* packed,
                                            workspace&) {
  round_to_bf16(scalar_tag{}, d.o * d.patch(), w, packed);
}

// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + bias (O). Assigns y; bias may be null and is not rounded.
inline void conv2d_rounded(scalar_tag, conv2d_dims d, float const* x, float const* packed, float const* bias, float* y,
                           workspace& scratch) {
  workspace::scope const release(scratch);
  conv2d(scalar_tag{}, d, rounded(d.n * d.h * d.w * d.c, x, scratch), packed, bias, y, scratch);
}

// dx (N,H,W,C) = or, to accumulate, += dy (N,OH,OW,O) * w (O,KH,KW,C/groups), transposed.
inline void conv2d_backward_data_rounded(scalar_tag, conv2d_dims d, float const* dy, float const* packed, float* dx,
                                         bool accumulate, workspace& scratch) {
  workspace::scope const release(scratch);
  conv2d_backward_data_packed(scalar_tag{}, d, rounded(d.n * d.out_h() * d.out_w() * d.o, dy, scratch), packed, dx,
                              accumulate, scratch);
}

// dw (O,KH,KW,C/groups) += dy (N,OH,OW,O) * x (N,H,W,C), summed over all pixels. Accumulates into dw.
inline void conv2d_backward_weight_rounded(scalar_tag, conv2d_dims d, float const* x, float const* dy, float* dw,
                                           workspace& scratch) {
  workspace::scope const release(scratch);
  float const* const xr = rounded(d.n * d.h * d.w * d.c, x, scratch);
  conv2d_backward_weight(scalar_tag{}, d, xr, rounded(d.n * d.out_h() * d.out_w() * d.o, dy, scratch), dw, scratch);
}

}  // namespace petra::kernel
