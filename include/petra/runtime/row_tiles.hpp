// Cutting a row of output pixels into register tiles, and choosing the functions that compute them.
//
// `Tiles` is a family of tile functions of one signature: `function`, `max_pixels`, and `at<Pixels>()`.
// Lengths differ by at most one, so no tile is a short remainder that leaves the multipliers idle: 28 pixels are
// 14 + 14, not 16 + 12; 9 are 5 + 4, not 8 + 1.
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

// The same object, of which the compiler knows nothing. Plans pass through it, so that tiles are not cloned for the
// literal extents of a layer: the emitted program then runs the very code that was measured, once, not once per layer.
template <class T>
PETRA_INLINE T const& opaque(T const& v) noexcept {
  T const* p = &v;
  asm("" : "+r"(p));
  return *p;
}

// `longer` tiles of pixels + 1, then the rest of pixels.
struct row_cut {
  index_t count, pixels, longer;
};
constexpr row_cut cut_row(index_t width, index_t max_pixels) noexcept {
  index_t const count = (width + max_pixels - 1) / max_pixels;
  return {count, width / count, width % count};
}

template <class Tiles, int Pixels>
constexpr typename Tiles::function select_tile(index_t pixels) noexcept {
  if constexpr (Pixels > 1)
    if (pixels < Pixels) return select_tile<Tiles, Pixels - 1>(pixels);
  return Tiles::template at<Pixels>();
}

template <class Tiles>
struct row_tiles {
  row_cut cut;
  typename Tiles::function longer, shorter;

  // With literal extents only the tiles in use are compiled.
  template <class Shape>
  static constexpr row_tiles of([[maybe_unused]] Shape shape, [[maybe_unused]] index_t width) noexcept {
    if constexpr (is_fixed<Shape>) {
      constexpr row_cut cut = cut_row(Shape::value.out.w, Tiles::max_pixels);
      return {cut, Tiles::template at<static_cast<int>(cut.pixels) + (cut.longer != 0)>(),
              Tiles::template at<static_cast<int>(cut.pixels)>()};
    } else {
      row_cut const cut = cut_row(width, Tiles::max_pixels);
      return {cut, select_tile<Tiles, Tiles::max_pixels>(cut.pixels + (cut.longer != 0)),
              select_tile<Tiles, Tiles::max_pixels>(cut.pixels)};
    }
  }

  // Calls each tile of a row: tile(input of its first pixel, its output).
  template <class In, class Out, class Call>
  PETRA_INLINE void operator()(In const* x, index_t step, Out* y, index_t out_step, Call call) const noexcept {
    for (index_t i = 0; i < cut.count; ++i) {
      index_t const pixels = cut.pixels + (i < cut.longer);
      call(i < cut.longer ? longer : shorter, x, y);
      x += pixels * step;
      y += pixels * out_step;
    }
  }
};

}  // namespace petra::rt
