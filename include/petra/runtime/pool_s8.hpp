// int8 maximum and mean over windows; taps outside the picture do not count. Both fill the frame of their output.
//
// maximum: y = clamp(max x); input and output share a grid (TFLite MAX_POOL_2D).
// mean:    y = clamp(out_zero + requantize(sum (x - in_zero), (multiplier, shift) / taps)), from the input's grid to
//          the output's in one step (TFLite MEAN); global pooling is a kernel of the whole map.
// Bit-exact everywhere. Deterministic.
// Pre: padding below the size of a window; every window holds at least one tap.
#pragma once
#include "petra/runtime/halo.hpp"
#include "petra/runtime/lanes.hpp"
#include "petra/runtime/s8x16.hpp"
#include "petra/runtime/tap_window.hpp"

namespace petra::inline PETRA_ABI::rt {

struct pool_shape {
  feature_map in{}, out{};
  index_t kernel_h = 1, kernel_w = 1, stride = 1, pad = 0;
  std::int32_t in_zero = 0;
  requant scale{1 << 30, 1};  // in_scale / out_scale; mean only
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
  index_t pad_h = pad;  // padding above; `pad` is that on the left
};

template <class Shape>
inline void max_pool_s8(Shape shape, std::int8_t const* x, std::int8_t* y) noexcept {
  pool_shape const s = shape;
  for (index_t oy = 0; oy < s.out.h; ++oy)
    for (index_t ox = 0; ox < s.out.w; ++ox) {
      tap_window const t = taps_inside(s, oy, ox);
      std::int8_t const* const p = x + s.in.origin() + t.top * s.in.row() + t.left * s.in.c;
      std::int8_t* const q = y + s.out.origin() + oy * s.out.row() + ox * s.out.c;
      auto const put = [&](index_t c, index_t n) __attribute__((always_inline)) {
        auto const tap = [&](index_t i, index_t j) __attribute__((always_inline)) {
          return s8x16::load(p + i * s.in.row() + j * s.in.c + c, n);
        };
        s8x16 largest = max(s8x16::broadcast(static_cast<std::int8_t>(s.out_min)), tap(0, 0));
        if (s.kernel_h == 2 && s.kernel_w == 2 && t.count() == 4) {  // loops would take longer than the maxima
          largest = max(max(largest, tap(0, 1)), max(tap(1, 0), tap(1, 1)));
        } else {
          for (index_t i = 0; i < t.bottom - t.top; ++i)
            for (index_t j = 0; j < t.right - t.left; ++j) largest = max(largest, tap(i, j));
        }
        store(q + c, min(largest, s8x16::broadcast(static_cast<std::int8_t>(s.out_max))), n);
      };
      index_t c = 0;  // whole vectors without masks
      for (; s.out.c - c >= 16; c += 16) put(c, 16);
      if (c < s.out.c) put(c, s.out.c - c);
    }
  fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
}

template <class Rounding = rounding::single, class Shape>
inline void avg_pool_s8(Shape shape, std::int8_t const* x, std::int8_t* y) noexcept {
  pool_shape const s = shape;
  output_grid const grid{s.out_zero, s.out_min, s.out_max};
  index_t taps = 0;
  auto scale = requantizer<Rounding>::broadcast(s.scale);
  for (index_t oy = 0; oy < s.out.h; ++oy)
    for (index_t ox = 0; ox < s.out.w; ++ox) {
      tap_window const t = taps_inside(s, oy, ox);
      if (t.count() != taps) {  // only at the border
        taps = t.count();
        scale = requantizer<Rounding>::broadcast(divide_multiplier(s.scale, taps));
      }
      i32x16 const zeros = i32x16::broadcast(-s.in_zero * static_cast<std::int32_t>(taps));
      std::int8_t* const q = y + s.out.origin() + oy * s.out.row() + ox * s.out.c;
      for (index_t c = 0; c < s.out.c; c += 16) {
        index_t const n = s.out.c - c < 16 ? s.out.c - c : 16;
        i32x16 sum = zeros;
        for (index_t i = t.top; i < t.bottom; ++i)
          for (index_t j = t.left; j < t.right; ++j)
            sum = sum + i32x16::load(x + s.in.origin() + i * s.in.row() + j * s.in.c + c, n);
        store(q + c, scale(sum), grid, n);
      }
    }
  fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
}

}  // namespace petra::rt
