#include "petra/grad/ops/example.hpp"

#include <doctest/doctest.h>

TEST_CASE("draw: variables from the stream alone, kept away from zero where asked") {
  petra::tape<double> t;
  petra::random a(1), b(1);
  petra::var const x = petra::ops::draw(t, a, {40, 5}), y = petra::ops::draw(t, b, {40, 5}, 0.5);
  CHECK(t.shape(x) == petra::shape(40, 5));
  CHECK(t[x].needs_grad);
  int negative = 0;
  for (petra::index_t i = 0; i < 200; ++i) {
    double const v = t.value(x)[i];
    negative += v < 0;
    CHECK(t.value(y)[i] == (v < 0 ? v - 0.5 : v + 0.5));
  }
  CHECK(negative > 60);
  CHECK(negative < 140);
}
