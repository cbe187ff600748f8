// An integer rasterizer for pen strokes: a segment drawn with a round pen and a soft edge.
//
// Properties: constexpr; integers only, so the same bytes on every platform. Points are in 1/64 pixel, x to the right
// and y down; parts outside the picture are cut off.
// Pre: size <= 128 and points within 4 pictures' width of it, so that no product leaves 64 bits.
// Cost: one 64-bit division for each pixel beside the segment.
#pragma once
#include <algorithm>
#include <cstdint>

#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::data {

struct point {
  std::int32_t x = 0, y = 0;
};

// Full ink up to the pen's radius (1/64 pixel) from the segment a-b, none from one pixel further on; between them a
// ramp in the squared distance, which needs no root. A pixel keeps the stronger of its old and its new ink.
// ink (size,size)
constexpr void draw_stroke(std::uint8_t* ink, index_t size, point a, point b, index_t radius) {
  std::int64_t const inner = radius * radius, outer = (radius + 64) * (radius + 64);
  auto const first = [&](std::int32_t low) { return std::clamp<index_t>((low - radius - 96) / 64, 0, size); };
  auto const last = [&](std::int32_t high) { return std::clamp<index_t>((high + radius + 96) / 64, 0, size); };
  index_t const w0 = first(std::min(a.x, b.x)), w1 = last(std::max(a.x, b.x));
  index_t const h0 = first(std::min(a.y, b.y)), h1 = last(std::max(a.y, b.y));
  std::int64_t const dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
  for (index_t h = h0; h < h1; ++h)
    for (index_t w = w0; w < w1; ++w) {
      std::int64_t const px = w * 64 + 32 - a.x, py = h * 64 + 32 - a.y;
      std::int64_t const along = px * dx + py * dy;
      std::int64_t distance2 = 0;
      if (along <= 0) {
        distance2 = px * px + py * py;
      } else if (along >= length2) {
        distance2 = (px - dx) * (px - dx) + (py - dy) * (py - dy);
      } else {
        std::int64_t const across = px * dy - py * dx;
        distance2 = across * across / length2;
      }
      if (distance2 >= outer) continue;
      std::int64_t const level = distance2 <= inner ? 255 : 255 * (outer - distance2) / (outer - inner);
      std::uint8_t& pixel = ink[h * size + w];
      pixel = std::max(pixel, static_cast<std::uint8_t>(level));
    }
}

}  // namespace petra::data
