// Two-dimensional convolution of bf16 and its two gradients: the specification of kernel::conv2d* on bf16.
//
// Products are exact in float and summed in float, in any order; what is stored as bf16 is rounded once, at the end.
// The gradient of the weights stays float: it is what an optimizer adds to weights that are kept as float.
//
// Cost: 2 * macs() operations each.
#pragma once
#include "petra/kernel/bf16.hpp"
#include "petra/kernel/reference/conv2d.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + bias (O). Assigns y; bias may be null.
constexpr void conv2d(scalar_tag, conv2d_dims d, bf16 const* x, bf16 const* w, float const* bias, bf16* y, workspace&) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c();
  for (index_t i = 0; i < d.n * oh * ow * d.o; ++i) {
    index_t const o = i % d.o, n = i / (oh * ow * d.o);
    index_t const top = i / (ow * d.o) % oh * d.stride.h - d.pad.top, left = i / d.o % ow * d.stride.w - d.pad.left;
    float sum = bias == nullptr ? 0.f : bias[o];
    for (index_t r = 0; r < d.kernel_h; ++r)
      for (index_t s = 0; s < d.kernel_w; ++s) {
        index_t const in_y = top + r * d.dilation.h, in_x = left + s * d.dilation.w;
        if (in_y < 0 || in_y >= d.h || in_x < 0 || in_x >= d.w) continue;
        bf16 const* const pixel = x + ((n * d.h + in_y) * d.w + in_x) * d.c + o / d.group_o() * gc;
        bf16 const* const tap = w + ((o * d.kernel_h + r) * d.kernel_w + s) * gc;
        for (index_t c = 0; c < gc; ++c) sum += to_float(pixel[c]) * to_float(tap[c]);
      }
    y[i] = to_bf16(sum);
  }
}

// The same for inputs that are float in memory and rounded as they are read, outputs not rounded: the specification of
// rt::conv2d_bf16. T is float, or double for the exact sum. Assigns y; bias may be null.
template <scalar T>
constexpr void conv2d(scalar_tag, conv2d_dims d, float const* x, bf16 const* w, float const* bias, T* y, workspace&) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  index_t const outputs = d.n * d.out_h() * d.out_w() * d.o;
  for (index_t i = 0; i < outputs; ++i) y[i] = bias == nullptr ? T{} : static_cast<T>(bias[i % d.o]);
  each_product(d, [&](index_t in, index_t tap, index_t out) {
    y[out] += static_cast<T>(to_float(to_bf16(x[in]))) * static_cast<T>(to_float(w[tap]));
  });
}

// dx (N,H,W,C) += dy (N,OH,OW,O) * w (O,KH,KW,C/groups), transposed. Accumulates into dx.
constexpr void conv2d_backward_data(scalar_tag, conv2d_dims d, bf16 const* dy, bf16 const* w, bf16* dx, workspace&) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), go = d.group_o();
  for (index_t i = 0; i < d.n * d.h * d.w * d.c; ++i) {
    index_t const c = i % d.c, n = i / (d.h * d.w * d.c);
    index_t const x = i / d.c % d.w + d.pad.left, y = i / (d.c * d.w) % d.h + d.pad.top;
    float sum = to_float(dx[i]);
    for (index_t r = 0; r < d.kernel_h; ++r)
      for (index_t s = 0; s < d.kernel_w; ++s) {
        index_t const down = y - r * d.dilation.h, right = x - s * d.dilation.w;
        if (down < 0 || right < 0 || down % d.stride.h != 0 || right % d.stride.w != 0) continue;
        index_t const oy = down / d.stride.h, ox = right / d.stride.w;
        if (oy >= oh || ox >= ow) continue;
        for (index_t o = c / gc * go; o < (c / gc + 1) * go; ++o)
          sum += to_float(dy[((n * oh + oy) * ow + ox) * d.o + o]) *
                 to_float(w[((o * d.kernel_h + r) * d.kernel_w + s) * gc + c % gc]);
      }
    dx[i] = to_bf16(sum);
  }
}

// dw (O,KH,KW,C/groups) += dy (N,OH,OW,O) * x (N,H,W,C), summed over all pixels. Accumulates into dw.
constexpr void conv2d_backward_weight(scalar_tag, conv2d_dims d, bf16 const* x, bf16 const* dy, float* dw, workspace&) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  each_product(d, [&](index_t in, index_t tap, index_t out) { dw[tap] += to_float(dy[out]) * to_float(x[in]); });
}

}  // namespace petra::kernel
