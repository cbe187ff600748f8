// Dense layer in bf16 over a whole map: a convolution whose output is 1 x 1. Weights take half the bytes of floats, which
// is what one row costs.
//
// y (O) = relu(bias + sum bf16(x) * bf16(w))    x (H,W,C): the whole map, w packed as for conv2d_bf16
//
// Deterministic. Pre: those of conv2d_bf16; kernel_h = in.h, kernel_w = in.w, pad = 0, out.h = out.w = 1.
#pragma once
#include "petra/runtime/conv2d_bf16.hpp"

namespace petra::inline PETRA_ABI::rt {

template <class Shape>
inline void dense_bf16(Shape shape, float const* x, std::uint16_t const* w, float const* bias, void* scratch,
                       float* y) noexcept {
  conv2d_bf16(shape, x, w, bias, scratch, y);
}

}  // namespace petra::rt
