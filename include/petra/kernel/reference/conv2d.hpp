// Two-dimensional convolution and its two gradients, the specification of kernel::conv2d*.
//
// The three are one sum over (sample, output pixel, output channel, tap, channel of the group) that reads two of x, w,
// y and adds to the third; `each_product` is that sum.
//
// Cost: 2 * macs() operations each.
#pragma once
#include "petra/core/assert.hpp"
#include "petra/core/concepts.hpp"
#include "petra/kernel/conv2d_dims.hpp"
#include "petra/kernel/tags.hpp"
#include "petra/kernel/workspace.hpp"

namespace petra::inline PETRA_ABI::kernel {

// f(offset in x, offset in w, offset in y) for every product; taps on the padding are left out.
template <class F>
constexpr void each_product(conv2d_dims d, F f) {
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), go = d.group_o();
  for (index_t n = 0; n < d.n; ++n)
    for (index_t y = 0; y < oh; ++y)
      for (index_t x = 0; x < ow; ++x)
        for (index_t o = 0; o < d.o; ++o)
          for (index_t r = 0; r < d.kernel_h; ++r)
            for (index_t s = 0; s < d.kernel_w; ++s) {
              index_t const in_y = y * d.stride.h + r * d.dilation.h - d.pad.top;
              index_t const in_x = x * d.stride.w + s * d.dilation.w - d.pad.left;
              if (in_y < 0 || in_y >= d.h || in_x < 0 || in_x >= d.w) continue;
              index_t const in = ((n * d.h + in_y) * d.w + in_x) * d.c + o / go * gc;
              index_t const tap = ((o * d.kernel_h + r) * d.kernel_w + s) * gc;
              for (index_t c = 0; c < gc; ++c) f(in + c, tap + c, ((n * oh + y) * ow + x) * d.o + o);
            }
}

// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + bias (O). Assigns y; bias may be null.
template <scalar T>
constexpr void conv2d(scalar_tag, conv2d_dims d, T const* x, T const* w, T const* bias, T* y, workspace&) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  index_t const count = d.n * d.out_h() * d.out_w() * d.o;
  for (index_t i = 0; i < count; ++i) y[i] = bias == nullptr ? T{} : bias[i % d.o];
  each_product(d, [&](index_t in, index_t tap, index_t out) { y[out] += x[in] * w[tap]; });
}

// dx (N,H,W,C) += dy (N,OH,OW,O) * w (O,KH,KW,C/groups), transposed. Accumulates into dx.
template <scalar T>
constexpr void conv2d_backward_data(scalar_tag, conv2d_dims d, T const* dy, T const* w, T* dx, workspace&) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  each_product(d, [&](index_t in, index_t tap, index_t out) { dx[in] += dy[out] * w[tap]; });
}

// dw (O,KH,KW,C/groups) += dy (N,OH,OW,O) * x (N,H,W,C), summed over all pixels. Accumulates into dw.
template <scalar T>
constexpr void conv2d_backward_weight(scalar_tag, conv2d_dims d, T const* x, T const* dy, T* dw, workspace&) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  each_product(d, [&](index_t in, index_t tap, index_t out) { dw[tap] += dy[out] * x[in]; });
}

// Weights as the packed passes read them; here as they are.
constexpr index_t packed_conv2d_size(scalar_tag, conv2d_dims const& d) { return d.o * d.patch(); }
constexpr index_t packed_conv2d_gradient_size(scalar_tag, conv2d_dims const& d) { return d.o * d.patch(); }
template <scalar T>
constexpr void pack_conv2d(scalar_tag, conv2d_dims const& d, T const* w, T* packed) {
  for (index_t i = 0; i < d.o * d.patch(); ++i) packed[i] = w[i];
}
template <scalar T>
constexpr void pack_conv2d_gradient(scalar_tag, conv2d_dims const& d, T const* w, T* packed) {
  pack_conv2d(scalar_tag{}, d, w, packed);
}

// conv2d with packed weights.
template <scalar T>
constexpr void conv2d_packed(scalar_tag, conv2d_dims d, T const* x, T const* packed, T const* bias, T* y,
                             workspace& scratch) {
  conv2d(scalar_tag{}, d, x, packed, bias, y, scratch);
}

// conv2d_backward_data with packed weights; assigns dx, or accumulates.
template <scalar T>
constexpr void conv2d_backward_data_packed(scalar_tag, conv2d_dims d, T const* dy, T const* packed, T* dx,
                                           bool accumulate, workspace& scratch) {
  for (index_t i = 0; !accumulate && i < d.n * d.h * d.w * d.c; ++i) dx[i] = T{};
  conv2d_backward_data(scalar_tag{}, d, dy, packed, dx, scratch);
}

}  // namespace petra::kernel
