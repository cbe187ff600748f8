// Between float and int8 grids: real = scale * (q - zero). All fill the frame of their output.
//
// quantize       y = clamp(round(x / scale) + zero), one IEEE division, ties to even; NaN -> zero, infinities saturate
// dequantize     y = scale * (x - zero)
// requantize_s8  y = clamp(out_zero + requantize(x - in_zero)): int8 grid to int8 grid
// The same bits on every instruction set (do not compile with -ffast-math: it removes the rounding). Deterministic.
// Pre: scale > 0; zero in [-128, 127].
#pragma once
#include "petra/runtime/halo.hpp"
#include "petra/runtime/lanes.hpp"

namespace petra::inline PETRA_ABI::rt {

// Two maps with the same h, w, c; their halos may differ.
struct map_pair {
  feature_map in{}, out{};
};

struct requantize_shape {
  feature_map in{}, out{};
  std::int32_t in_zero = 0;
  requant scale{1 << 30, 1};  // in_scale / out_scale
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
};

// y (H,W,C) in its frame <- x (H,W,C) dense; Shape is y's feature_map. Reads nothing behind x.
template <class Shape>
inline void quantize(Shape shape, float const* x, std::int8_t* y, float scale, std::int32_t zero) noexcept {
  feature_map const m = shape;
  output_grid const grid{zero};
  index_t const n = m.w * m.c;
  for (index_t r = 0; r < m.h; ++r, x += n) {
    std::int8_t* p = y + m.origin() + r * m.row();
    index_t i = 0;
    for (; n - i >= 64; i += 64) {
      i32x16 v[4];
      for (index_t j = 0; j < 4; ++j) v[j] = i32x16::nearest(x + i + 16 * j, scale, 16);
      store(p + i, v, grid);
    }
    for (; i < n; i += 16) {
      index_t const k = n - i < 16 ? n - i : 16;
      store(p + i, i32x16::nearest(x + i, scale, k), grid, k);
    }
  }
  fill_halo(m, y, static_cast<std::int8_t>(zero));
}

// y (H,W,C) <- x (H,W,C), each in its own frame; Shape is a map_pair.
template <class Shape>
inline void dequantize(Shape shape, std::int8_t const* x, float* y, float scale, std::int32_t zero) noexcept {
  map_pair const s = shape;
  index_t const n = s.out.w * s.out.c;
  for (index_t r = 0; r < s.out.h; ++r) {
    std::int8_t const* p = x + s.in.origin() + r * s.in.row();
    float* q = y + s.out.origin() + r * s.out.row();
    for (index_t i = 0; i < n; ++i) q[i] = scale * static_cast<float>(p[i] - zero);
  }
  fill_halo(s.out, y);
}

template <class Rounding = rounding::single, class Shape>
inline void requantize_s8(Shape shape, std::int8_t const* x, std::int8_t* y) noexcept {
  requantize_shape const s = shape;
  output_grid const grid{s.out_zero, s.out_min, s.out_max};
  auto const scale = requantizer<Rounding>::broadcast(s.scale);
  i32x16 const in_zero = i32x16::broadcast(s.in_zero);
  index_t const n = s.out.w * s.out.c;
  for (index_t r = 0; r < s.out.h; ++r) {
    std::int8_t const* p = x + s.in.origin() + r * s.in.row();
    std::int8_t* q = y + s.out.origin() + r * s.out.row();
    for (index_t i = 0; i < n; i += 16) {
      index_t const k = n - i < 16 ? n - i : 16;
      store(q + i, scale(i32x16::load(p + i, k) - in_zero), grid, k);
    }
  }
  fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
}

}  // namespace petra::rt
