// Convolution along one axis, the specification: any taps, stride, dilation and padding, padding as taps that are not
// there.
//
// y (N,OW,O)[i] = bias + sum_t x (N,W,C)[i stride + t dilation - left] * w (O,taps,C)_t
//
// Source: TensorFlow's CONV_1D. Assigns y. Cost: 2 * OW * O * taps * C operations a series.
#pragma once
#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct conv1d_dims {
  index_t n = 1, w = 1, c = 1, o = 1, taps = 1, stride = 1, dilation = 1, left = 0, right = 0;

  [[nodiscard]] constexpr index_t out_w() const { return (w + left + right - (taps - 1) * dilation - 1) / stride + 1; }
};

// f(offset in x of a run of C inputs, offset in w) for every tap of output (i, o) that lies inside the series.
template <class F>
constexpr void each_tap(conv1d_dims const& d, index_t i, index_t o, F f) {
  for (index_t t = 0; t < d.taps; ++t) {
    index_t const at = i * d.stride + t * d.dilation - d.left;
    if (at >= 0 && at < d.w) f(at * d.c, (o * d.taps + t) * d.c);
  }
}

// bias may be null.
template <scalar T>
constexpr void conv1d(scalar_tag, conv1d_dims const& d, T const* x, T const* w, T const* bias, T* y) {
  for (index_t n = 0; n < d.n; ++n, x += d.w * d.c)
    for (index_t i = 0; i < d.out_w(); ++i)
      for (index_t o = 0; o < d.o; ++o) {
        T sum = bias == nullptr ? T{} : bias[o];
        each_tap(d, i, o, [&](index_t in, index_t tap) {
          for (index_t c = 0; c < d.c; ++c) sum += x[in + c] * w[tap + c];
        });
        *y++ = sum;
      }
}

}  // namespace petra::kernel
