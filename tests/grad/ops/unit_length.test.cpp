#include "petra/grad/ops/unit_length.hpp"

#include <doctest/doctest.h>

#include "petra/grad/ops/matmul.hpp"
#include "petra/grad/ops/reshape.hpp"

// Gradients: tests/grad/rules.test.cpp.
TEST_CASE("unit_length: rows by hand; zeros stay zeros") {
  petra::tape<double> t;
  double const x[] = {3, -4, 0, 0, 0, 2};
  petra::var const y = petra::ops::unit_length(t, t.constant({3, 2}, x));
  double const want[] = {0.6, -0.8, 0, 0, 0, 1};
  for (int i = 0; i < 6; ++i) CHECK(t.value(y)[i] == doctest::Approx(want[i]).epsilon(1e-15));
}

TEST_CASE("unit_length: a row of zeros gets no gradient, NaN stays NaN") {
  petra::tape<float> t;
  petra::tensor<float> w({2, 2}, {0, 0, 3, 4});
  petra::var const p = t.parameter(w), y = petra::ops::unit_length(t, p);
  float const c[] = {1, 1, 1, 0};
  t.backward(petra::ops::matmul(t, petra::ops::reshape(t, y, {1, 4}), t.constant({1, 4}, c)));
  CHECK(t[p].grad[0] == 0);
  CHECK(t[p].grad[1] == 0);
  CHECK(t[p].grad[2] == doctest::Approx(0.16 / 1.25));  // (1 - 0.36) / 5
  float const bad[] = {NAN, 1};
  CHECK(std::isnan(t.value(petra::ops::unit_length(t, t.constant({1, 2}, bad)))[1]));
}
