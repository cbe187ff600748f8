#include "petra/grad/tape_leaves.hpp"

#include <doctest/doctest.h>

#include "petra/grad/tape.hpp"

using petra::tape;
using petra::tensor;
using petra::var;

TEST_CASE("tape_leaves: constants and parameters are read in place, variables copied; a double tape copies all") {
  float const x[] = {1, 2};
  tensor<float> w({1, 2}, {3, 4});
  tape<float> t;
  CHECK(t.value(t.constant({1, 2}, x)) == x);
  CHECK(t.value(t.variable({1, 2}, x)) != x);
  CHECK(t.leaves() == 1);
  var const p = t.parameter(w), frozen = t.parameter(w, true);
  CHECK(t.value(p) == w.data());
  CHECK(t[p].parameter == &w);
  CHECK(t[p].needs_grad);
  CHECK(t[frozen].parameter == nullptr);
  CHECK(!t[frozen].needs_grad);

  tape<double> d;
  var const q = d.parameter(w);
  CHECK(d.value(q)[1] == 4);
  CHECK(d[q].parameter == &w);
  CHECK(d.leaves() == 1);
}

TEST_CASE("tape_leaves: a nudge moves one element of one leaf") {
  tape<double> t;
  double const x[] = {1, 2};
  t.perturbation = {1, 0, 0.5};
  var const a = t.variable({1, 2}, x), b = t.variable({1, 2}, x);
  CHECK(t.value(a)[0] == 1);
  CHECK(t.value(b)[0] == 1.5);
  CHECK(t.value(b)[1] == 2);
}

TEST_CASE("tape_leaves: outside of training no leaf wants a gradient") {
  tape<float> t;
  t.training = false;
  float const x = 1;
  CHECK(!t[t.variable({1, 1}, &x)].needs_grad);
}
