#include "petra/grad/ops/unit_length.hpp"

#include <doctest/doctest.h>

// Gradients: tests/grad/rules.test.cpp.
TEST_CASE("unit_length: rows by hand; zeros stay zeros") {
  petra::tape<double> t;
  double const x[] = {3, -4, 0, 0, 0, 2};
  petra::var const y = petra::ops::unit_length(t, t.constant({3, 2}, x));
  double const want[] = {0.6, -0.8, 0, 0, 0, 1};
  for (int i = 0; i < 6; ++i) CHECK(t.value(y)[i] == doctest::Approx(want[i]).epsilon(1e-15));
}
