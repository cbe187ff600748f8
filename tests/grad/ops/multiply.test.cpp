#include "petra/grad/ops/multiply.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

using petra::index_t;
using petra::tape;
using petra::var;

TEST_CASE("multiply: values, and a factor's gradient is the other factor") {
  tape<float> t;
  float const x = 3, y = -5;
  var const a = t.variable(petra::shape(1), &x), b = t.variable(petra::shape(1), &y);
  var const p = petra::ops::multiply(t, a, b);
  CHECK(*t.value(p) == -15);
  t.backward(p);
  CHECK(*t[a].grad == -5);
  CHECK(*t[b].grad == 3);
}

TEST_CASE("multiply: by itself") {
  tape<double> t;
  double const x = 3;
  var const a = t.variable(petra::shape(1), &x);
  t.backward(petra::ops::multiply(t, a, petra::ops::multiply(t, a, a)));
  CHECK(*t[a].grad == 27);
}

TEST_CASE("multiply: long enough for whole vectors and a remainder") {
  tape<float> t;
  petra::tensor<float> a(petra::shape(37)), b(petra::shape(37));
  for (index_t i = 0; i < 37; ++i) a[i] = static_cast<float>(i), b[i] = static_cast<float>(i % 5) - 2;
  var const p = petra::ops::multiply(t, t.constant(a), t.constant(b));
  for (index_t i = 0; i < 37; ++i) CHECK(t.value(p)[i] == a[i] * b[i]);
}

TEST_CASE("multiply: another number of factors is an error") {
  tape<float> t;
  petra::tensor<float> const a({2, 3}), b({2, 4});
  CHECK(petra_test::thrown<petra::shape_error>([&] { petra::ops::multiply(t, t.constant(a), t.constant(b)); }) ==
        "multiply: expected 6 factors, found 8");
}
