#include "petra/grad/ops/positions.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

// Gradients: tests/grad/rules.test.cpp.
TEST_CASE("positions: a row for each place, none in padding") {
  petra::tape<float> t;
  float const x[] = {1, 2, 3, 4, 5, 6, 7, 8}, table[] = {10, 20, 30, 40, 50, 60};
  std::int32_t const length[] = {2, 1};
  petra::var const v = t.constant({2, 2, 2}, x);
  t.set_length(v, length);
  petra::var const y = petra::ops::positions(t, v, t.constant({3, 2}, table));
  float const want[] = {11, 22, 33, 44, 15, 26, 7, 8};
  for (int i = 0; i < 8; ++i) CHECK(t.value(y)[i] == want[i]);
  CHECK(t.length(y) == length);
}

TEST_CASE("positions: too few places, another width, or no sequences are errors") {
  petra::tape<float> t;
  float const x[12] = {};
  auto message = [&](petra::shape s, petra::shape table) {
    return petra_test::thrown<petra::shape_error>(
        [&] { petra::ops::positions(t, t.constant(s, x), t.constant(table, x)); });
  };
  CHECK(petra_test::says(message({1, 4, 2}, {3, 2}), "at least 4 places of 2 numbers, found 3 of 2"));
  CHECK(petra_test::says(message({1, 2, 2}, {3, 3}), "found 3 of 3"));
  CHECK(petra_test::says(message({2, 2}, {3, 2}), "found 2 axes"));
}
