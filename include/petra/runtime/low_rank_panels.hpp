// How a product with two thin factors is cut into rows that go through both of them together, so that what lies between
// stays in L1.
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

// Rows at a time, of m: at most 16 KB between the factors, and whole register tiles.
constexpr index_t low_rank_rows(index_t m, index_t rank_bytes) noexcept {
  index_t const fit = 16384 / rank_bytes / 24 * 24, most = fit < 24 ? 24 : fit > 96 ? 96 : fit;
  return m < most ? m : most;
}

// Calls call(extents of the first factor's product, of the second's, first row) for each panel of rows. The two are
// low_rank_first(shape, rows) and low_rank_second(shape, rows), literals if the shape's are.
template <class Shape, class Call>
PETRA_INLINE void for_low_rank_panels(Shape shape, Call call) noexcept {
  if constexpr (is_fixed<Shape>) {
    constexpr auto s = Shape::value;
    constexpr index_t rows = low_rank_rows(s.m, s.rank_bytes()), rest = s.m % rows;
    index_t first = 0;
    for (; s.m - first >= rows; first += rows)
      call(fixed<low_rank_first(s, rows)>{}, fixed<low_rank_second(s, rows)>{}, first);
    if constexpr (rest != 0) call(fixed<low_rank_first(s, rest)>{}, fixed<low_rank_second(s, rest)>{}, first);
  } else {
    index_t const most = low_rank_rows(shape.m, shape.rank_bytes());
    for (index_t first = 0; first < shape.m; first += most) {
      index_t const rows = shape.m - first < most ? shape.m - first : most;
      call(low_rank_first(shape, rows), low_rank_second(shape, rows), first);
    }
  }
}

}  // namespace petra::rt
