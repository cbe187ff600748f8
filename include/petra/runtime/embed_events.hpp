// Events to vectors: each step's ids to rows of their tables, side by side, and its numbers as they are.
//
// y (L,Width) of x (L,F): for each entry (column, ids, width) in turn row x[column] of its table (ids,width), or, where ids is
// 0, the number x[column] itself. Tables lie one behind the other in the order of the entries. int8: tables on the output's
// grid, numbers quantized as runtime/quantize.hpp does. Row 0 of a table should hold zeros: id 0 is padding.
//
// Any float is safe as an id: its fraction is dropped, and one outside the table, infinite or no number takes row 0.
// Deterministic; int8 bit-exact everywhere. Pre: y does not overlap x.
#pragma once
#include "petra/runtime/feature_map.hpp"
#include "petra/runtime/requantize.hpp"

namespace petra::inline PETRA_ABI::rt {

struct events_shape {
  index_t steps = 1, columns = 1, width = 1;  // columns: F, each named by one entry
};

struct event_entry {
  std::int32_t column, ids, width;
};

// number(x): what a number becomes.
template <class T, class Number>
inline void embed_events(events_shape const& s, float const* x, std::int32_t const* entries, T const* tables, T* y,
                         Number number) noexcept {
  for (index_t t = 0; t < s.steps; ++t, x += s.columns) {
    T const* table = tables;
    for (index_t e = 0; e < s.columns; ++e) {
      event_entry const entry{entries[3 * e], entries[3 * e + 1], entries[3 * e + 2]};
      float const v = x[entry.column];
      if (entry.ids == 0) {
        *y++ = number(v);
        continue;
      }
      index_t const row = v >= 0 && v < static_cast<float>(entry.ids) ? static_cast<index_t>(v) : 0;
      T const* const from = table + row * entry.width;
      for (index_t i = 0; i < entry.width; ++i) *y++ = from[i];
      table += static_cast<index_t>(entry.ids) * entry.width;
    }
  }
}

template <class Shape>
inline void embed_events_f32(Shape shape, float const* x, std::int32_t const* entries, float const* tables,
                             float* y) noexcept {
  embed_events(events_shape(shape), x, entries, tables, y, [](float v) { return v; });
}

template <class Shape>
inline void embed_events_s8(Shape shape, float const* x, std::int32_t const* entries, std::int8_t const* tables,
                            std::int8_t* y, float scale, std::int32_t zero) noexcept {
  embed_events(events_shape(shape), x, entries, tables, y,
               [&](float v) { return onto_grid(nearest_integer(v / scale), {zero}); });
}

}  // namespace petra::rt
