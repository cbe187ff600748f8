// Gradient of a convolution with respect to its input, in float.
//
// The pixels of dx fall into stride x stride phases, and each phase is a convolution of stride 1 of dy with those taps
// of the flipped kernel that reach it. So no product with an inserted zero is computed and nothing is scattered: the
// forward's tiles run at the forward's speed. (The alternative, dy . W into patches that are added to dx, moves KH*KW
// times the data of dx.)
#pragma once
#include "petra/kernel/reference/conv2d.hpp"
#include "petra/kernel/simd/direct.hpp"
#include "petra/kernel/simd/lanewise.hpp"
#include "petra/kernel/simd/padded.hpp"
#include "petra/kernel/simd/phase.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Packs one tap of w, outputs `patch` apart, as rows [first, first + words of O) of (k, C).
template <class = void>
inline void pack_outputs(index_t go, index_t gc, float const* w, index_t patch, float* to, index_t k, index_t first) {
  pack(go, gc, w, patch, 1, to, k, first);
}

// Words of one group's packed weights: the phases share the taps between them and together need as much as one kernel.
template <class T>
constexpr index_t packed_gradient_group(conv2d_dims const& d) {
  index_t const part = (d.group_o() + words_of<T>::numbers - 1) / words_of<T>::numbers;
  return packed_size(d.kernel_h * d.kernel_w * part, d.group_c());
}

// All groups of w (O, taps, C/groups), each phase by phase, as conv2d_backward_data_dense reads them.
template <class T>
[[gnu::cold]] void pack_backward_data(conv2d_dims const& d, T const* w, typename words_of<T>::type* packed) {
  index_t const gc = d.group_c(), go = d.group_o(), patch = d.patch();
  index_t const part = (go + words_of<T>::numbers - 1) / words_of<T>::numbers;
  for (index_t g = 0; g < d.groups; ++g) {
    auto* to = packed + g * packed_gradient_group<T>(d);
    each_phase(d, [&](index_t, index_t, conv_phase y, conv_phase x) {
      index_t const k = y.taps * x.taps * part;
      for (index_t r = 0; r < y.taps; ++r)
        for (index_t s = 0; s < x.taps; ++s) {
          index_t const tap = (y.last - y.step * r) * d.kernel_w + x.last - x.step * s;
          pack_outputs(go, gc, w + g * go * patch + tap * gc, patch, to, k, (r * x.taps + s) * part);
        }
      to += packed_size(k, gc);
    });
  }
}

// The gradient for any kind of words; narrow groups have their own.
template <class T, class Out>
[[gnu::cold]] void conv2d_backward_data_dense(conv2d_dims d, T const* dy, typename words_of<T>::type const* packed,
                                              Out* dx, bool accumulate, workspace& scratch) {
  using words = words_of<T>;
  using word = typename words::type;
  workspace::scope const release(scratch);
  d = d.flattened(32768 / d.c);
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), go = d.group_o();
  // Words of a pixel of a group; where they are not whole each group is copied with a zero after it.
  index_t const part = (go + words::numbers - 1) / words::numbers, spare = part * words::numbers - go;
  index_t const pixel = d.groups * part;
  bool unframed = spare == 0;
  each_phase(d, [&](index_t, index_t, conv_phase, conv_phase x) {
    unframed &= x.first >= -1 && x.end() <= ow + 1 && x.apart == 1 &&
                slides_unframed<word>(x.taps, 1, gc, x.pixels, x.first<0, x.end()> ow);
  });
  frame f = unframed ? frame{oh, ow, d.o, 0, 0} : gradient_frame(d, d.o);
  // Rows of zeros are not read, so there are none in the frame.
  f.top = 0;
  f.rows = oh;
  if (spare > 0) f.channels = go, f.spare = pixel * words::numbers - go;
  bool const copied = !f.trivial(oh, ow, d.o);
  index_t const row = f.cols * pixel;
  T* const padded = copied ? take_frame<T>(scratch, f, 3 * f.pixel()) : nullptr;
  index_t const group = packed_gradient_group<T>(d);
  // Pixels of phases that no tap reaches.
  index_t phases = 0;
  each_phase(d, [&](index_t, index_t, conv_phase, conv_phase) { ++phases; });
  if (!accumulate && phases < d.stride.h * d.stride.w) {
    std::fill_n(dx, d.n * d.h * d.w * d.c, Out{});
    accumulate = true;
  }

  for (index_t n = 0; n < d.n; ++n) {
    T const* const from = dy + n * oh * ow * d.o;
    auto const* const in = reinterpret_cast<word const*>(copied ? padded : from) + f.left * pixel;
    for (index_t g = 0; copied && g < (spare > 0 ? d.groups : 1); ++g)
      copy_rows(f, from + g * go, oh, ow, d.o, padded + g * part * words::numbers, 0, f.rows);
    for (index_t g = 0; g < d.groups; ++g) {
      word const* kernel = packed + g * group;
      each_phase(d, [&](index_t py, index_t px, conv_phase y, conv_phase x) {
        direct_convolution({y.pixels,
                            x.pixels,
                            gc,
                            y.taps,
                            x.taps,
                            part,
                            pixel,
                            row,
                            1,
                            {y.apart, x.apart},
                            d.stride.h * d.w * d.c,
                            d.stride.w * d.c,
                            -y.first,
                            oh - y.first,
                            accumulate,
                            copied,
                            unframed && x.first < 0,
                            unframed && x.end() > ow},
                           in + y.first * row + x.first * pixel + g * part, kernel, nullptr,
                           dx + ((n * d.h + py) * d.w + px) * d.c + g * gc);
        kernel += packed_size(y.taps * x.taps * part, gc);
      });
    }
  }
}

}  // namespace petra::kernel::simd

namespace petra::inline PETRA_ABI::kernel {

// Groups that have kernels of their own.
template <class Dims>
constexpr bool narrow_inputs(Dims const& d) {
  if constexpr (std::same_as<Dims, ungrouped_dims>)
    return false;
  else
    return simd::gradient_groups(d).narrow(d.kernel_h * d.kernel_w);
}

// Weights as conv2d_backward_data_packed reads them, whatever the number of pictures.
template <std::derived_from<conv2d_dims> Dims = conv2d_dims>
constexpr index_t packed_conv2d_gradient_size(simd_tag, Dims const& d) {
  return narrow_inputs(d) ? d.o * d.patch() : d.groups * simd::packed_gradient_group<float>(d);
}
template <std::derived_from<conv2d_dims> Dims = conv2d_dims>
void pack_conv2d_gradient(simd_tag, Dims const& d, float const* w, float* packed) {
  if (narrow_inputs(d))
    std::copy_n(w, d.o * d.patch(), packed);
  else
    simd::pack_backward_data(d, w, packed);
}

// dx (N,H,W,C) = or, to accumulate, += dy (N,OH,OW,O) * w (O,KH,KW,C/groups), transposed, w packed by
// pack_conv2d_gradient. Cost: 2 * macs() operations.
template <std::derived_from<conv2d_dims> Dims = conv2d_dims>
void conv2d_backward_data_packed(simd_tag, Dims const& d, float const* dy, float const* packed, float* dx,
                                 bool accumulate, workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
  if constexpr (!std::same_as<Dims, ungrouped_dims>) {
    if (narrow_inputs(d)) {
      if (!accumulate) std::fill_n(dx, d.n * d.h * d.w * d.c, 0.f);
      return simd::lanewise_backward_data(d, dy, packed, dx, scratch);
    }
  }
  simd::conv2d_backward_data_dense(d, dy, packed, dx, accumulate, scratch);
}

// The same, w as it is. Accumulates into dx.
template <std::derived_from<conv2d_dims> Dims = conv2d_dims>
void conv2d_backward_data(simd_tag, Dims const& d, float const* dy, float const* w, float* dx, workspace& scratch) {
  expects(d.valid(), "kernel: conv2d: dims.valid() must hold");
  if (d.n == 0) return;
  workspace::scope const release(scratch);
  auto* const packed = scratch.take<float>(packed_conv2d_gradient_size(simd_tag{}, d));
  pack_conv2d_gradient(simd_tag{}, d, w, packed);
  conv2d_backward_data_packed(simd_tag{}, d, dy, packed, dx, true, scratch);
}

}  // namespace petra::kernel
