#include "petra/nn/models/event_input.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

using petra::data::column;

TEST_CASE("event_input: half as many numbers as ids, at most so many; numeric columns pass") {
  std::vector<column> columns(4);
  columns[0].ids = 100, columns[2].ids = 3, columns[3].ids = 1;
  auto const layer = petra::models::event_input(columns, 8);
  CHECK(layer.width() == 8 + 1 + 2 + 1);
  CHECK(layer.tables[0].a.w.shape() == petra::shape(100, 8));
  CHECK(layer.tables[1].a.w.shape() == petra::shape(3, 2));
  CHECK(layer.tables[2].a.w.shape() == petra::shape(1, 1));
}

TEST_CASE("event_input: no column, or vectors without numbers, are errors") {
  CHECK(petra_test::says(petra_test::thrown<petra::setting_error>([] { petra::models::event_input({}); }),
                         "at least one column"));
  CHECK(petra_test::says(
      petra_test::thrown<petra::setting_error>([] { petra::models::event_input(std::vector<column>(1), 0); }),
      "at least one number, found 0"));
}
