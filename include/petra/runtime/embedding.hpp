// Embedding: rows of a table, gathered by index; floats or int8 (whose grid stays the table's).
//
// y (T,W) = table (V,W) [index (T)]
//
// An index outside the table takes row 0, so that no input makes the program read elsewhere. Deterministic.
// Pre: y overlaps nothing; rows >= 1.
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

struct embedding_shape {
  index_t steps = 1, rows = 1, width = 1;
};

template <class T, class Shape>
inline void embedding(Shape shape, std::int32_t const* index, T const* table, T* y) noexcept {
  embedding_shape const s = shape;
  for (index_t t = 0; t < s.steps; ++t, y += s.width) {
    index_t const row = index[t] >= 0 && index[t] < s.rows ? index[t] : 0;
    T const* const from = table + row * s.width;
    for (index_t i = 0; i < s.width; ++i) y[i] = from[i];
  }
}

}  // namespace petra::rt
