// Elementwise functions of a map, float by formula and int8 by a table; both fill the frame.
//
// y (H,W,C) = f(x (H,W,C))    float: f one of activation:: (runtime/activation_f32.hpp); int8: table[x + 128]
// (runtime/lookup_s8.hpp)
//
// Deterministic; int8 bit-exact everywhere. Pre: both maps have the same h, w, c (their halos may differ); y is x where the
// halos are equal, or does not overlap it.
#pragma once
#include "petra/runtime/activation_f32.hpp"
#include "petra/runtime/halo.hpp"
#include "petra/runtime/lookup_s8.hpp"
#include "petra/runtime/quantize.hpp"

namespace petra::inline PETRA_ABI::rt {

// f(elements, x, y) for each run of elements without gaps.
template <class T, class F>
PETRA_INLINE void for_each_run(map_pair const& s, T const* x, T* y, F f) noexcept {
  x += s.in.origin(), y += s.out.origin();
  if (s.in.halo == 0 && s.out.halo == 0) return f(s.in.h * s.in.w * s.in.c, x, y);
  for (index_t i = 0; i < s.in.h; ++i, x += s.in.row(), y += s.out.row()) f(s.in.w * s.in.c, x, y);
}

template <class Activation, class Shape>
inline void activation_map_f32(Shape shape, Activation f, float const* x, float* y) noexcept {
  map_pair const s = shape;
  for_each_run(s, x, y, [&](index_t n, float const* from, float* to) { activate_f32(n, from, to, f); });
  fill_halo(s.out, y);
}

template <class Shape>
inline void lookup_map_s8(Shape shape, std::int8_t const* table, std::int8_t zero, std::int8_t const* x,
                          std::int8_t* y) noexcept {
  map_pair const s = shape;
  for_each_run(s, x, y, [&](index_t n, std::int8_t const* from, std::int8_t* to) { lookup_s8(n, table, from, to); });
  fill_halo(s.out, y, zero);
}

}  // namespace petra::rt
