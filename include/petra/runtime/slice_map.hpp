// Parts of a map, and the same numbers as a map of other extents: moves of whole numbers, float or int8. Both fill the frame of
// the output with `zero` (float: with 0).
//
// slice_map    y (H,W,C) = x (H,W',C') [columns first_w, ...; channels first_c, ...]
// reshape_map  y (H,W,C) = x (H',W',C'), in the order of memory
//
// Deterministic, exact. Pre: the part lies inside x; reshape: as many numbers; y does not overlap x.
#pragma once
#include "petra/runtime/halo.hpp"

namespace petra::inline PETRA_ABI::rt {

struct slice_shape {
  feature_map in{}, out{};
  index_t first_w = 0, first_c = 0;
};

inline void fill_frame_of(feature_map const& m, std::int8_t* y, std::int32_t zero) noexcept {
  fill_halo(m, y, static_cast<std::int8_t>(zero));
}
inline void fill_frame_of(feature_map const& m, float* y, std::int32_t) noexcept { fill_halo(m, y); }

// y <- n numbers of x.
template <class T>
inline void copy_numbers(T const* x, index_t n, T* y) noexcept {
  __builtin_memcpy(y, x, static_cast<std::size_t>(n) * sizeof(T));
}

template <class T, class Shape>
inline void slice_map(Shape shape, std::int32_t zero, T const* x, T* y) noexcept {
  slice_shape const s = shape;
  bool const whole = s.in.c == s.out.c;  // a row at once
  index_t const runs = whole ? 1 : s.out.w, n = whole ? s.out.w * s.out.c : s.out.c;
  for (index_t r = 0; r < s.out.h; ++r)
    for (index_t i = 0; i < runs; ++i)
      copy_numbers(x + s.in.origin() + r * s.in.row() + (s.first_w + i) * s.in.c + s.first_c, n,
                   y + s.out.origin() + r * s.out.row() + i * s.out.c);
  fill_frame_of(s.out, y, zero);
}

// Row by row of both: a piece ends where a row of either does.
template <class T, class Shape>
inline void reshape_map(Shape shape, std::int32_t zero, T const* x, T* y) noexcept {
  slice_shape const s = shape;
  index_t const from = s.in.w * s.in.c, to = s.out.w * s.out.c;
  for (index_t at = 0; at < s.in.h * from;) {
    index_t const left = from - at % from, room = to - at % to, n = left < room ? left : room;
    copy_numbers(x + s.in.origin() + at / from * s.in.row() + at % from, n,
                 y + s.out.origin() + at / to * s.out.row() + at % to);
    at += n;
  }
  fill_frame_of(s.out, y, zero);
}

}  // namespace petra::rt
