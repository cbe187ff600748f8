// The gradient of a strided convolution with respect to its input, as convolutions of stride 1.
//
// The pixels of dx fall into stride x stride phases; a phase is a convolution of stride 1 of dy with those taps of the
// flipped kernel that reach it.
// Source: Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, section 4; the
// split into phases is the polyphase form of that transposed convolution.
#pragma once
#include <algorithm>

#include "petra/kernel/conv2d_dims.hpp"
#include "petra/kernel/simd/padded.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Pixels phase, phase + stride, ... of one axis of dx: pixel t of them is the sum over taps j of dy[t + first + j]
// times tap last - stride * j of the kernel.
struct conv_phase {
  index_t taps, last, first, pixels;
  // The first position of dy behind those that are read.
  [[nodiscard]] constexpr index_t end() const { return first + pixels + taps - 1; }
};

constexpr conv_phase phase_of(index_t phase, index_t stride, index_t kernel, index_t pad, index_t size) {
  index_t const lowest = (phase + pad) % stride;  // taps lowest, lowest + stride, ... reach the phase
  index_t const taps = lowest < kernel ? (kernel - lowest + stride - 1) / stride : 0;
  return {taps, lowest + stride * (taps - 1), (phase + pad) / stride - (taps - 1),
          phase < size ? (size - phase + stride - 1) / stride : 0};
}

// The frame of dy, `channels` of it, that every phase can read.
inline frame gradient_frame(conv2d_dims const& d, index_t channels) {
  auto const reach = [&](index_t kernel, index_t size, index_t out) {
    index_t before = 0, end = out;
    for (index_t p = 0; p < d.stride; ++p) {
      conv_phase const f = phase_of(p, d.stride, kernel, d.pad, size);
      if (f.taps == 0 || f.pixels == 0) continue;
      before = std::max(before, -f.first);
      end = std::max(end, f.end());
    }
    return std::pair{before, before + end};
  };
  auto const [top, rows] = reach(d.kernel_h, d.h, d.out_h());
  auto const [left, cols] = reach(d.kernel_w, d.w, d.out_w());
  return {rows, cols, channels, top, left};
}

// use(phase down, phase right, vertical taps, horizontal taps) for every phase that some tap reaches.
template <class F>
void each_phase(conv2d_dims const& d, F use) {
  for (index_t py = 0; py < d.stride; ++py)
    for (index_t px = 0; px < d.stride; ++px) {
      conv_phase const y = phase_of(py, d.stride, d.kernel_h, d.pad, d.h);
      conv_phase const x = phase_of(px, d.stride, d.kernel_w, d.pad, d.w);
      if (y.taps > 0 && x.taps > 0) use(py, px, y, x);
    }
}

}  // namespace petra::kernel::simd
