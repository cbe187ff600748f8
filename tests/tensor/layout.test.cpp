#include "petra/tensor/layout.hpp"

#include <doctest/doctest.h>

namespace {

using petra::dyn;
using petra::extents;
using petra::index_t;

template <class Layout, class Extents>
using mapping = typename Layout::template mapping<Extents>;

constexpr bool offsets_are_right() {
  mapping<petra::row_major, extents<2, dyn, 4>> const rows{{2, 3, 4}};
  mapping<petra::column_major, extents<2, dyn, 4>> const cols{{2, 3, 4}};
  return rows(0, 0, 0) == 0 && rows(0, 0, 1) == 1 && rows(0, 1, 0) == 4 && rows(1, 0, 0) == 12 &&
         rows(1, 2, 3) == 23  //
         && cols(0, 0, 0) == 0 && cols(1, 0, 0) == 1 && cols(0, 1, 0) == 2 && cols(0, 0, 1) == 6 && cols(1, 2, 3) == 23;
}
static_assert(offsets_are_right());

}  // namespace

TEST_CASE("layout: offsets of both orders") { CHECK(offsets_are_right()); }

TEST_CASE_TEMPLATE("layout: every index has an offset of its own, and they fill the range", Layout, petra::row_major,
                   petra::column_major) {
  mapping<Layout, extents<dyn, dyn, dyn>> const map{{3, 4, 5}};
  bool seen[60] = {};
  for (index_t i = 0; i < 3; ++i)
    for (index_t j = 0; j < 4; ++j)
      for (index_t k = 0; k < 5; ++k) {
        index_t const offset = map(i, j, k);
        REQUIRE(offset >= 0);
        REQUIRE(offset < 60);
        REQUIRE_FALSE(seen[offset]);
        seen[offset] = true;
      }
}

TEST_CASE("layout: column-major is row-major of the transposed") {
  mapping<petra::row_major, extents<dyn, dyn>> const rows{{3, 4}};
  mapping<petra::column_major, extents<dyn, dyn>> const transposed{{4, 3}};
  for (index_t i = 0; i < 3; ++i)
    for (index_t j = 0; j < 4; ++j) CHECK(rows(i, j) == transposed(j, i));
}
