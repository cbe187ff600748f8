#include "petra/grad/ops/add.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

using petra::index_t;
using petra::tape;
using petra::var;

TEST_CASE("add: values, and the gradient of either addend") {
  tape<float> t;
  float const x[] = {1, 2, 3, 4, 5}, y[] = {10, 20, 30, 40, 50}, one = 1;
  var const a = t.variable(petra::shape(5), x), b = t.variable(petra::shape(5), y);
  var const s = petra::ops::add(t, a, b);
  for (index_t i = 0; i < 5; ++i) CHECK(t.value(s)[i] == x[i] + y[i]);
  // a appears three times in the sum of one element
  var const c = t.variable(petra::shape(1), &one);
  t.backward(petra::ops::add(t, petra::ops::add(t, c, c), c));
  CHECK(*t[c].grad == 3);
}

TEST_CASE("add: what an addend received before is kept") {
  tape<double> t;
  double const two = 2;
  var const a = t.variable(petra::shape(1), &two), b = t.variable(petra::shape(1), &two);
  var const left = petra::ops::add(t, a, b);
  t.backward(petra::ops::add(t, petra::ops::add(t, left, a), left));
  CHECK(*t[a].grad == 3);
  CHECK(*t[b].grad == 2);
}

TEST_CASE("add: other shapes are an error that names both") {
  tape<float> t;
  petra::tensor<float> const a({2, 3, 4}), b({2, 4, 3});
  auto const said = petra_test::thrown<petra::shape_error>([&] { petra::ops::add(t, t.constant(a), t.constant(b)); });
  CHECK(said ==
        "add: expected two equal shapes, found 2x3x4 and 2x4x3; a residual body must keep the shape of its input");
}
