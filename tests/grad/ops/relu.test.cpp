#include "petra/grad/ops/relu.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "petra/grad/ops/mse.hpp"

using petra::index_t;
using petra::tape;
using petra::var;

TEST_CASE("relu: values; the gradient at 0 is 0") {
  tape<float> t;
  float const x[] = {-2, -0.f, 0, 0.5f, 3}, wanted[] = {0, 0, 0, 0.5f, 3};
  var const v = t.variable(petra::shape(5), x);
  var const y = petra::ops::relu(t, v);
  for (index_t i = 0; i < 5; ++i) CHECK(t.value(y)[i] == wanted[i]);
  // sum (y + 1)^2 / 5: every gradient of y is positive, so a zero comes from relu alone
  float const minus_one[] = {-1, -1, -1, -1, -1};
  t.backward(petra::ops::mse(t, y, t.constant(petra::shape(5), minus_one)));
  float const gradient[] = {0, 0, 0, 2 * 1.5f / 5, 2 * 4.f / 5};
  for (index_t i = 0; i < 5; ++i) CHECK(t[v].grad[i] == doctest::Approx(gradient[i]));
}

TEST_CASE("relu: NaN stays NaN, so that a training that diverged is seen") {
  tape<float> t;
  float const x[] = {std::numeric_limits<float>::quiet_NaN(), -1};
  var const y = petra::ops::relu(t, t.constant(petra::shape(2), x));
  CHECK(std::isnan(t.value(y)[0]));
  CHECK(t.value(y)[1] == 0);
}
