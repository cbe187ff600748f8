#include "petra/grad/ops/matmul.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "petra/grad/ops/relu.hpp"

using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

// y (N,O) = x (N,C) . w (O,C)^T + b (O)
TEST_CASE("matmul: values by hand, with and without bias") {
  tape<float> t;
  tensor<float> const x({2, 3}, {1, 2, 3, 4, 5, 6}), w({2, 3}, {1, 0, -1, 2, 1, 0}), b({1, 2}, {10, 20});
  var const plain = petra::ops::matmul(t, t.constant(x), t.constant(w));
  var const biased = petra::ops::matmul(t, t.constant(x), t.constant(w), t.constant(b));
  CHECK(t.shape(plain) == petra::shape(2, 2));
  float const y[] = {-2, 4, -2, 13};
  for (index_t i = 0; i < 4; ++i) {
    CHECK(t.value(plain)[i] == y[i]);
    CHECK(t.value(biased)[i] == y[i] + b[i % 2]);
  }
}

TEST_CASE("matmul: all axes but the last are rows") {
  tape<float> t;
  tensor<float> const x({2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), w({3, 2}, {1, 0, 0, 1, 1, 1});
  var const y = petra::ops::matmul(t, t.constant(x), t.constant(w));
  CHECK(t.shape(y) == petra::shape(2, 1, 2, 3));
  CHECK(t.value(y)[3 * 3 + 2] == 15);
}

TEST_CASE("matmul: one row of one axis, a ReLU behind it") {
  petra::tape<float> t;
  float const x[] = {1, 2}, w[] = {3, 4, -5, 1, 0, 1};
  petra::var const y = petra::ops::relu(t, petra::ops::matmul(t, t.constant({2}, x), t.constant({3, 2}, w)));
  CHECK(t.value(y)[0] == 11);
  CHECK(t.value(y)[1] == 0);
  CHECK(t.value(y)[2] == 2);
}

TEST_CASE("matmul: a ReLU takes the product over; who asks for it later gets it as it is") {
  for (bool const asked : {false, true}) {
    tape<float> t;
    tensor<float> const x({2, 3}, {1, 2, 3, 4, 5, 6}), w({2, 3}, {1, 0, -1, 2, 1, 0}), b({1, 2}, {1, -6});
    var const y = petra::ops::matmul(t, t.constant(x), t.constant(w), t.constant(b));
    if (asked) CHECK(t.value(y)[0] == -1);
    var const z = petra::ops::relu(t, y);
    float const product[] = {-1, -2, -1, 7}, positive[] = {0, 0, 0, 7};
    for (index_t i = 0; i < 4; ++i) CHECK(t.value(z)[i] == positive[i]);
    for (index_t i = 0; i < 4; ++i) CHECK(t.value(y)[i] == product[i]);
    for (index_t i = 0; i < 4; ++i) CHECK(t.value(z)[i] == positive[i]);
  }
}

TEST_CASE("matmul: gradients by hand") {
  // One number: y = x . w^T + b with x (1,2), w (1,2).
  tape<double> t;
  double const x[] = {2, 3}, w[] = {5, 7}, b = 11;
  var const vx = t.variable({1, 2}, x), vw = t.variable({1, 2}, w), vb = t.variable({1, 1}, &b);
  var const y = petra::ops::matmul(t, vx, vw, vb);
  CHECK(*t.value(y) == 2 * 5 + 3 * 7 + 11);
  t.backward(y);
  CHECK(t[vx].grad[0] == 5);
  CHECK(t[vx].grad[1] == 7);
  CHECK(t[vw].grad[0] == 2);
  CHECK(t[vw].grad[1] == 3);
  CHECK(*t[vb].grad == 1);
}

TEST_CASE("matmul: a gradient that is there already is added to") {
  // The same weight twice: y = (x . w^T) . w^T with one element each.
  tape<double> t;
  double const x = 3, w = 5;
  var const vw = t.variable({1, 1}, &w), vx = t.variable({1, 1}, &x);
  t.backward(petra::ops::matmul(t, petra::ops::matmul(t, vx, vw), vw));
  CHECK(*t[vw].grad == 2 * 3 * 5);
  CHECK(*t[vx].grad == 25);
}

TEST_CASE("matmul: other features are an error") {
  tape<float> t;
  tensor<float> const x({2, 3}), w({5, 4});
  CHECK(petra_test::thrown<petra::shape_error>([&] { petra::ops::matmul(t, t.constant(x), t.constant(w)); }) ==
        "matmul: expected 4 input features, found 3");
}
