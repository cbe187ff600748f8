// The part of a pooling window that lies inside the picture: input rows [top, bottom), columns [left, right).
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

struct tap_window {
  index_t top, bottom, left, right;
  [[nodiscard]] constexpr index_t count() const noexcept { return (bottom - top) * (right - left); }
};

template <class Pool>
constexpr tap_window taps_inside(Pool const& s, index_t oy, index_t ox) noexcept {
  index_t const top = oy * s.stride - s.pad_h, left = ox * s.stride - s.pad;
  index_t const bottom = top + s.kernel_h, right = left + s.kernel_w;
  return {top < 0 ? 0 : top, bottom > s.in.h ? s.in.h : bottom, left < 0 ? 0 : left, right > s.in.w ? s.in.w : right};
}

}  // namespace petra::rt
