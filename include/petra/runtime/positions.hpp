// A row for each step, added to the steps that count; padding stays what it is.
//
// y (L,C) = x + table (L,C)    int8: runtime/add_s8.hpp, and padding is x + 0 on the grid of y
//
// Deterministic, int8 bit-exact everywhere. Pre: y overlaps neither x nor the table; the maps of a shape have no frames. int8:
// the table has one row more, of its zero point.
#pragma once
#include "petra/runtime/add_f32.hpp"
#include "petra/runtime/add_s8.hpp"
#include "petra/runtime/steps.hpp"

namespace petra::inline PETRA_ABI::rt {

template <class Shape>
inline void positions_f32(Shape shape, float const* x, float const* table, float* y,
                          float const* length = nullptr) noexcept {
  add_f32_shape s = shape;
  index_t const all = s.out.w * s.out.c;
  s.a.w = s.b.w = s.out.w = steps_that_count(s.out.w, length);
  add_f32(s, x, table, y);
  for (index_t i = s.out.w * s.out.c; i < all; ++i) y[i] = x[i];
}

template <class Rounding = rounding::single, class Shape>
inline void positions_s8(Shape shape, std::int8_t const* x, std::int8_t const* table, std::int8_t* y,
                         float const* length = nullptr) noexcept {
  add_shape s = shape;
  index_t const all = s.out.w, valid = steps_that_count(all, length);
  s.a.w = s.b.w = s.out.w = valid;
  add_s8<Rounding>(s, x, table, y);
  s.a.w = s.b.w = s.out.w = 1;
  for (index_t i = valid * s.out.c; i < all * s.out.c; i += s.out.c)
    add_s8<Rounding>(s, x + i, table + all * s.out.c, y + i);
}

}  // namespace petra::rt
