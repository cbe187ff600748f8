#include "petra/grad/ops/mse.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

using petra::tape;
using petra::var;

TEST_CASE("mse: value and both gradients by hand") {
  tape<double> t;
  double const x[] = {1, 2, 3, 4}, target[] = {1, 0, 5, 7};
  var const a = t.variable(petra::shape(2, 2), x), b = t.variable(petra::shape(2, 2), target);
  var const loss = petra::ops::mse(t, a, b);
  CHECK(*t.value(loss) == (0 + 4 + 4 + 9) / 4.0);
  t.backward(loss);
  double const gradient[] = {0, 1, -1, -1.5};
  for (int i = 0; i < 4; ++i) {
    CHECK(t[a].grad[i] == gradient[i]);
    CHECK(t[b].grad[i] == -gradient[i]);
  }
}

TEST_CASE("mse: a constant target gets nothing") {
  tape<float> t;
  float const x = 2, target = 5;
  var const a = t.variable(petra::shape(1), &x), b = t.constant(petra::shape(1), &target);
  t.backward(petra::ops::mse(t, a, b));
  CHECK(*t[a].grad == -6);
  CHECK(t[b].grad == nullptr);
}

TEST_CASE("mse: another number of targets is an error") {
  tape<float> t;
  petra::tensor<float> const x({2, 3}), y({2, 2});
  CHECK(petra_test::thrown<petra::shape_error>([&] { petra::ops::mse(t, t.constant(x), t.constant(y)); }) ==
        "mse: expected 6 targets, found 4");
}
