// A picture with zeros around it (or cropped), as the convolutions read it.
#pragma once
#include <algorithm>

#include "petra/core/extents.hpp"
#include "petra/kernel/workspace.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Where pictures (H,W) of `channels` out of `pitch` floats per pixel are copied to: `rows` x `cols` pixels, the
// picture's pixel (0,0) at (top, left), which may be negative.
struct frame {
  index_t rows, cols, channels;
  index_t top, left;

  [[nodiscard]] index_t row() const { return cols * channels; }
  [[nodiscard]] index_t size() const { return rows * row(); }
  // The copy would be the picture itself.
  [[nodiscard]] bool trivial(index_t h, index_t w, index_t pitch) const {
    return top == 0 && left == 0 && rows == h && cols == w && channels == pitch;
  }
};

// Zeros of one frame and of `slack` floats after it. Copies leave the padding as it is: fill once, copy often.
inline float* take_frame(workspace& scratch, frame const& f, index_t slack) {
  auto* const p = scratch.take<float>(f.size() + slack);
  std::fill_n(p, f.size() + slack, 0.f);
  return p;
}

// Copies rows [begin, end) of the frame, as far as they lie in the picture.
inline void copy_rows(frame const& f, float const* picture, index_t h, index_t w, index_t pitch, float* to,
                      index_t begin, index_t end) {
  index_t const left = std::max<index_t>(0, f.left), right = std::min(f.cols, f.left + w);
  if (right <= left) return;
  begin = std::max(begin, f.top);
  end = std::min({end, f.rows, f.top + h});
  for (index_t y = begin; y < end; ++y) {
    float const* from = picture + ((y - f.top) * w + left - f.left) * pitch;
    float* p = to + y * f.row() + left * f.channels;
    if (f.channels == pitch) {
      std::copy_n(from, (right - left) * pitch, p);
    } else {
      for (index_t x = left; x < right; ++x, from += pitch, p += f.channels) std::copy_n(from, f.channels, p);
    }
  }
}

}  // namespace petra::kernel::simd
