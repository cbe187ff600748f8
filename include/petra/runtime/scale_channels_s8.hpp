// Each channel of an int8 map by an int8 number of its own; fills the frame with the output's zero point.
//
// y (H,W,C) = clamp(out_zero + requantize((x - in_zero) * (factor - factor_zero)))    x (H,W,C), factor (C)
//
// Source: TensorFlow Lite int8 specification, MUL: the scale is in_scale * factor_scale / out_scale. Bit-exact everywhere.
// Deterministic. Pre: those of scale_channels_f32.
#pragma once
#include "petra/runtime/halo.hpp"
#include "petra/runtime/lanes.hpp"

namespace petra::inline PETRA_ABI::rt {

struct scale_channels_shape {
  feature_map in{}, out{};
  std::int32_t in_zero = 0, factor_zero = 0;
  requant scale{};
  std::int32_t out_zero = 0;
};

template <class Rounding = rounding::single, class Shape>
inline void scale_channels_s8(Shape shape, std::int8_t const* x, std::int8_t const* factor, std::int8_t* y) noexcept {
  scale_channels_shape const s = shape;
  output_grid const grid{s.out_zero};
  auto const scale = requantizer<Rounding>::broadcast(s.scale);
  i32x16 const in_zero = i32x16::broadcast(s.in_zero), factor_zero = i32x16::broadcast(s.factor_zero);
  index_t const c = s.out.c;
  for (index_t k = 0; k < c; k += 16) {
    index_t const n = c - k < 16 ? c - k : 16;
    i32x16 const by = i32x16::load(factor + k, n) - factor_zero;
    for (index_t i = 0; i < s.out.h; ++i)
      for (index_t j = 0; j < s.out.w; ++j)
        store(y + s.out.origin() + i * s.out.row() + j * c + k,
              scale((i32x16::load(x + s.in.origin() + i * s.in.row() + j * c + k, n) - in_zero) * by), grid, n);
  }
  fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
}

}  // namespace petra::rt
