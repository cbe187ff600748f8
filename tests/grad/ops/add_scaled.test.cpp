#include "petra/grad/ops/add_scaled.hpp"

#include <doctest/doctest.h>

#include "petra/grad/check.hpp"

using petra::tape;
using petra::tensor;
using petra::var;

TEST_CASE("add_scaled: values, gradients, and the sum that is not there") {
  tensor<float> const a({1, 2}, {1, 2}), b({1, 2}, {10, -4});
  tape<float> t;
  var const y = petra::ops::add_scaled(t, t.constant(a), t.constant(b), 0.5f);
  CHECK(t.value(y)[0] == 6);
  CHECK(t.value(y)[1] == 0);
  CHECK(t.value(petra::ops::add_scaled(t, var{}, t.constant(b), -2.f))[0] == -20);
  CHECK(petra::gradient_error([](tape<double>& d) {
          petra::random r(5);
          return petra::ops::add_scaled_op<double>::example(d, r);
        }) < 1e-8);
}

TEST_CASE("add_scaled: other shapes are an error") {
  tensor<float> const a({1, 2}), b({2, 1});
  tape<float> t;
  CHECK_THROWS_WITH_AS(petra::ops::add_scaled(t, t.constant(a), t.constant(b), 1.f),
                       "add_scaled: expected two equal shapes, found 2 and 2 elements with 2 and 1 channels",
                       petra::shape_error);
}
