// float maximum and mean over windows, with ReLU; taps outside the picture do not count. Both fill the frame with
// zeros.
//
// y (OH,OW,C) = relu(max x) or relu(sum x * (1 / taps))    x (H,W,C); global pooling is a kernel of the whole map
//
// Deterministic. Pre: padding below the size of a window; every window holds at least one tap; no input is NaN (maximum).
#pragma once
#include "petra/runtime/halo.hpp"
#include "petra/runtime/tap_window.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

struct pool_f32_shape {
  feature_map in{}, out{};
  index_t kernel_h = 1, kernel_w = 1, stride = 1, pad = 0;
  bool relu = false;
  index_t pad_h = pad;  // padding above; `pad` is that on the left
};

// y = relu(f(taps, input at the first of them)) for each window and vector of channels.
template <class F>
PETRA_INLINE void for_each_window(pool_f32_shape const& s, float const* x, float* y, F f) noexcept {
  for (index_t oy = 0; oy < s.out.h; ++oy)
    for (index_t ox = 0; ox < s.out.w; ++ox) {
      tap_window const t = taps_inside(s, oy, ox);
      float const* const p = x + s.in.origin() + t.top * s.in.row() + t.left * s.in.c;
      float* const q = y + s.out.origin() + oy * s.out.row() + ox * s.out.c;
      auto const put = [&](index_t c, index_t n) __attribute__((always_inline)) {
        f32v const v = f(t, p + c, n);
        store(q + c, s.relu ? max(v, f32v{}) : v, n);
      };
      // Whole vectors without masks: with extents of run time a map of 32 channels takes half the time.
      index_t c = 0;
      for (; s.out.c - c >= f32_lanes; c += f32_lanes) put(c, f32_lanes);
      if (c < s.out.c) put(c, s.out.c - c);
    }
  fill_halo(s.out, y);
}

template <class Shape>
inline void max_pool_f32(Shape shape, float const* x, float* y) noexcept {
  pool_f32_shape const s = shape;
  for_each_window(
      s, x, y, [&](tap_window const& t, float const* p, index_t n) __attribute__((always_inline)) {
        f32v largest = load(p, n);
        if (s.kernel_h == 2 && s.kernel_w == 2 && t.count() == 4) {  // loops would take longer than the maxima
          float const* const below = p + s.in.row();
          largest = max(load(p + s.in.c, n), largest);
          return max(load(below + s.in.c, n), max(load(below, n), largest));
        }
        for (index_t i = 0; i < t.bottom - t.top; ++i)
          for (index_t j = 0; j < t.right - t.left; ++j)
            largest = max(load(p + i * s.in.row() + j * s.in.c, n), largest);
        return largest;
      });
}

template <class Shape>
inline void avg_pool_f32(Shape shape, float const* x, float* y) noexcept {
  pool_f32_shape const s = shape;
  for_each_window(
      s, x, y, [&](tap_window const& t, float const* p, index_t n) __attribute__((always_inline)) {
        f32v sum{};
        for (index_t i = 0; i < t.bottom - t.top; ++i)
          for (index_t j = 0; j < t.right - t.left; ++j) sum += load(p + i * s.in.row() + j * s.in.c, n);
        return sum * broadcast(1.f / static_cast<float>(t.count()));
      });
}

}  // namespace petra::rt
