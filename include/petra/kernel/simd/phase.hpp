// The gradient of a strided convolution with respect to its input, as convolutions of stride 1.
//
// The pixels of dx fall into stride x stride phases; a phase is a convolution of stride 1 of dy with those taps of the
// flipped kernel that reach it. With dilation the taps of a phase are dilation / gcd(stride, dilation) pixels of dy
// apart.
// Source: Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, section 4; the
// split into phases is the polyphase form of that transposed convolution.
#pragma once
#include <algorithm>

#include "petra/kernel/conv2d_dims.hpp"
#include "petra/kernel/simd/padded.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Pixels phase, phase + stride, ... of one axis of dx: pixel t of them is the sum over taps j of dy[t + first + j *
// apart] times tap last - step * j of the kernel.
struct conv_phase {
  index_t taps, last, first, pixels;
  index_t step, apart;
  // The first position of dy behind those that are read.
  [[nodiscard]] constexpr index_t end() const { return first + pixels + (taps - 1) * apart; }
};

constexpr conv_phase phase_of(index_t phase, index_t stride, index_t kernel, index_t pad, index_t size,
                              index_t dilation = 1) {
  // Taps lowest, lowest + step, ... reach the phase: those where (phase + pad - tap * dilation) is a multiple of stride.
  index_t step = 1, lowest = 0;
  while (step * dilation % stride != 0) ++step;
  while (lowest < step && (phase + pad - lowest * dilation) % stride != 0) ++lowest;
  index_t const taps = lowest < step && lowest < kernel ? (kernel - lowest + step - 1) / step : 0;
  index_t const last = lowest + step * (taps - 1);
  return {taps,
          last,
          taps == 0 ? 0 : (phase + pad - last * dilation) / stride,
          phase < size ? (size - phase + stride - 1) / stride : 0,
          step,
          taps > 1 ? step * dilation / stride : 1};
}

// The frame of dy, `channels` of it, that every phase can read.
template <class = void>
inline frame gradient_frame(conv2d_dims const& d, index_t channels) {
  auto const reach = [](index_t stride, index_t kernel, index_t pad, index_t size, index_t dilation, index_t out) {
    index_t before = 0, end = out;
    for (index_t p = 0; p < stride; ++p) {
      conv_phase const f = phase_of(p, stride, kernel, pad, size, dilation);
      if (f.taps == 0 || f.pixels == 0) continue;
      before = std::max(before, -f.first);
      end = std::max(end, f.end());
    }
    return std::pair{before, before + end};
  };
  auto const [top, rows] = reach(d.stride.h, d.kernel_h, d.pad.top, d.h, d.dilation.h, d.out_h());
  auto const [left, cols] = reach(d.stride.w, d.kernel_w, d.pad.left, d.w, d.dilation.w, d.out_w());
  return {rows, cols, channels, top, left};
}

// use(phase down, phase right, vertical taps, horizontal taps) for every phase that some tap reaches.
template <class F>
void each_phase(conv2d_dims const& d, F use) {
  for (index_t py = 0; py < d.stride.h; ++py)
    for (index_t px = 0; px < d.stride.w; ++px) {
      conv_phase const y = phase_of(py, d.stride.h, d.kernel_h, d.pad.top, d.h, d.dilation.h);
      conv_phase const x = phase_of(px, d.stride.w, d.kernel_w, d.pad.left, d.w, d.dilation.w);
      if (y.taps > 0 && x.taps > 0) use(py, px, y, x);
    }
}

}  // namespace petra::kernel::simd
