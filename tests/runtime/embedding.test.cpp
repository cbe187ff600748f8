// runtime/embedding.hpp: rows by index, in floats and int8; indices outside take row 0.
#include "petra/runtime/embedding.hpp"

#include <doctest/doctest.h>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"

namespace {

using namespace petra;

template <class T, class Shape>
void check(Shape shape) {
  rt::embedding_shape const s = shape;
  petra::random r(key(1, s.steps, s.rows, s.width));
  guarded::array<std::int32_t> index(s.steps);
  guarded::array<T> table(s.rows * s.width), y(s.steps * s.width);
  for (index_t i = 0; i < table.size(); ++i) table[i] = static_cast<T>(r.index(200) - 100);
  for (index_t t = 0; t < s.steps; ++t) index[t] = static_cast<std::int32_t>(r.index(s.rows + 4) - 2);
  rt::embedding(shape, index.data(), table.data(), y.data());
  for (index_t t = 0; t < s.steps; ++t)
    for (index_t i = 0; i < s.width; ++i) {
      index_t const row = index[t] < 0 || index[t] >= s.rows ? 0 : index[t];
      REQUIRE(y[t * s.width + i] == table[row * s.width + i]);
    }
}

TEST_CASE("embedding: float and int8") {
  for (index_t const width : {1, 3, 16, 33, 130})
    for (index_t const rows : {1, 5}) {
      check<float>(rt::embedding_shape{7, rows, width});
      check<std::int8_t>(rt::embedding_shape{7, rows, width});
    }
  check<float>(rt::fixed<rt::embedding_shape{4, 10, 8}>{});
}

}  // namespace
