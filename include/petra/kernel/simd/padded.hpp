// A picture with zeros around it (or cropped), as the convolutions read it.
#pragma once
#include <algorithm>

#include "petra/core/extents.hpp"
#include "petra/kernel/workspace.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Where pictures (H,W) of `channels` out of `pitch` numbers per pixel are copied to: `rows` x `cols` pixels, the
// picture's pixel (0,0) at (top, left), which may be negative.
struct frame {
  index_t rows, cols, channels;
  index_t top, left;
  index_t spare = 0;  // zeros after the channels of a pixel

  [[nodiscard]] index_t pixel() const { return channels + spare; }
  [[nodiscard]] index_t row() const { return cols * pixel(); }
  [[nodiscard]] index_t size() const { return rows * row(); }
  // The copy would be the picture itself.
  [[nodiscard]] bool trivial(index_t h, index_t w, index_t pitch) const {
    return top == 0 && left == 0 && rows == h && cols == w && channels == pitch && spare == 0;
  }
};

// Zeros of one frame and of `slack` numbers after it. Copies leave the padding as it is: fill once, copy often.
template <class T>
[[gnu::noinline]] T* take_frame(workspace& scratch, frame const& f, index_t slack) {
  auto* const p = scratch.take<T>(f.size() + slack);
  std::fill_n(p, f.size() + slack, T{});
  return p;
}

// Copies rows [begin, end) of the frame, as far as they lie in the picture.
template <class T>
[[gnu::noinline]] void copy_rows(frame const& f, T const* picture, index_t h, index_t w, index_t pitch, T* to,
                                 index_t begin, index_t end) {
  index_t const left = std::max<index_t>(0, f.left), right = std::min(f.cols, f.left + w);
  if (right <= left) return;
  begin = std::max(begin, f.top);
  end = std::min({end, f.rows, f.top + h});
  for (index_t y = begin; y < end; ++y) {
    T const* from = picture + ((y - f.top) * w + left - f.left) * pitch;
    T* p = to + y * f.row() + left * f.pixel();
    if (f.channels == pitch && f.spare == 0) {
      std::copy_n(from, (right - left) * pitch, p);
    } else if (f.channels >= 8) {
      for (index_t x = left; x < right; ++x, from += pitch, p += f.pixel()) std::copy_n(from, f.channels, p);
    } else {
      // Channel by channel: three numbers are not worth a call of memmove, which g++ makes of a loop over them.
      for (index_t c = 0; c < f.channels; ++c)
        for (index_t x = 0; x < right - left; ++x) p[x * f.pixel() + c] = from[x * pitch + c];
    }
  }
}

}  // namespace petra::kernel::simd
