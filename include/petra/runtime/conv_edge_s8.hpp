// int8 tiles read inputs four at a time. Where a window's row is no multiple of four bytes, the last window of a buffer
// would be read up to three bytes past its end: the tiles that might are given a copy.
//
// Pre: up to three readable bytes behind x where such a copy would exceed edge_bytes (3 x 3: more than 150 channels, no
// multiple of 4).
#pragma once
#include "petra/runtime/conv_tile_s8.hpp"

namespace petra::inline PETRA_ABI::rt {

inline constexpr index_t edge_bytes = 8192;

struct conv_edge_s8 {
  std::int8_t const* end;  // of the input buffer
  index_t span;            // bytes of a row that the longest tile covers
  index_t reach;           // bytes from its first one to behind the last that it reads; 0: no tile reads too far

  // `bytes` of a window's row are there.
  static conv_edge_s8 of(conv_plan_s8 const& plan, std::int8_t const* end, index_t bytes, index_t max_pixels) noexcept {
    index_t const span = (max_pixels - 1) * plan.step + 4 * plan.run;
    bool const exact = bytes % 4 == 0 || plan.kernel_h * span > edge_bytes;
    return {end, span, exact ? 0 : (plan.kernel_h - 1) * plan.row + span};
  }
  [[nodiscard]] PETRA_INLINE bool crossed(std::int8_t const* x) const noexcept { return end - x < reach; }
};

// Calls call(x, plan) with a copy of the windows at x.
template <class Call>
void with_copy(conv_plan_s8 const& plan, conv_edge_s8 const& edge, std::int8_t const* x, Call const& call) noexcept {
  std::int8_t copy[edge_bytes];
  conv_plan_s8 moved = plan;
  moved.row = edge.span;
  for (index_t kh = 0; kh < plan.kernel_h; ++kh) {
    std::int8_t* const to = copy + kh * edge.span;
    index_t const left = edge.end - (x + kh * plan.row), n = left < edge.span ? left : edge.span;
    __builtin_memcpy(to, x + kh * plan.row, static_cast<std::size_t>(n));
    __builtin_memset(to + n, 0, static_cast<std::size_t>(edge.span - n));
  }
  call(copy, moved);
}

template <class Rounding>
[[gnu::noinline]] void run_on_copy(conv_tile_s8<Rounding> tile, conv_plan_s8 const& plan, conv_edge_s8 const& edge,
                                   std::int8_t const* x, std::int8_t const* w, conv_factors_s8<Rounding> const* factors,
                                   std::int8_t* y) noexcept {
  with_copy(plan, edge, x, [&](std::int8_t const* p, conv_plan_s8 const& moved) { tile(p, w, moved, factors, y); });
}

}  // namespace petra::rt
