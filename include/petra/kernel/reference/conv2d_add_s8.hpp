// int8 convolution followed by an int8 sum with another map, the specification: the one after the other.
//
// y (OH,OW,O) = add_s8(conv2d_s8(x), r)    x (H,W,C), r (OH,OW,O), w (O,KH,KW,C/groups)
//
// Source: TensorFlow Lite int8 specification, CONV_2D and ADD. Pre: those of both. v (OH,OW,O) takes what the convolution
// stores. Assigns y and v, which may not be the same.
#pragma once
#include "petra/kernel/reference/add_s8.hpp"
#include "petra/kernel/reference/conv2d_s8.hpp"

namespace petra::inline PETRA_ABI::kernel {

template <class Rounding = round_once>
constexpr void conv2d_add_s8(scalar_tag tag, conv2d_s8_dims const& d, add_s8_grids const& g, std::int8_t const* x,
                             std::int8_t const* r, std::int8_t const* w, std::int32_t const* bias,
                             std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* v, std::int8_t* y) {
  conv2d_s8<Rounding>(tag, d, x, w, bias, multiplier, shift, v);
  add_s8<Rounding>(tag, d.out_h() * d.out_w() * d.o, g, v, r, y);
}

}  // namespace petra::kernel
