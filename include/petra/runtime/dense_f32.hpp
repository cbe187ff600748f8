// float dense layer over a whole map: the last layer of a float program, or any other. A convolution whose output is 1
// x 1.
//
// y (O) = relu(bias + sum x * w)    x (H,W,C): the whole map, w packed as for conv2d_f32
//
// Deterministic. Pre: those of conv_f32_shape; kernel_h = in.h, kernel_w = in.w, pad = 0, groups = 1, out.h = out.w =
// 1.
#pragma once
#include "petra/runtime/conv2d_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

template <class Shape>
inline void dense_f32(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  conv2d_f32(shape, x, w, bias, y);
}

}  // namespace petra::rt
