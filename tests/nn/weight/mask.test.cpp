#include "petra/nn/weight/mask.hpp"

#include <doctest/doctest.h>

#include "petra/grad/ops/matmul.hpp"

using petra::index_t;
using petra::tensor;
using petra::var;
using petra::nn::mask;
using petra::nn::no_mask;

TEST_CASE("mask: a masked weight is zero and gets no gradient") {
  mask m{tensor<float>({1, 3}, {1, 0, 1})};
  tensor<float> w({1, 3}, {2, 3, 4});
  tensor<float> const x({1, 3}, {10, 100, 1000});
  petra::tape<float> t;
  var const p = t.parameter(w);
  var const y = petra::ops::matmul(t, t.constant(x), m.weight(t, p));
  CHECK(*t.value(y) == 4020);
  t.backward(y);
  CHECK(t[p].grad[0] == 10);
  CHECK(t[p].grad[1] == 0);
  CHECK(t[p].grad[2] == 1000);
  m.apply_to(w);
  CHECK(w == tensor<float>({1, 3}, {2, 0, 4}));
}

TEST_CASE("mask: rows and columns go with the weight's") {
  mask const m{tensor<float>({2, 3}, {1, 0, 1, 0, 1, 0})};
  index_t const rows[] = {1}, cols[] = {0, 2};
  CHECK(m.keep_rows(rows).keep == tensor<float>({1, 3}, {0, 1, 0}));
  CHECK(m.keep_cols(cols).keep == tensor<float>({2, 2}, {1, 1, 0, 0}));
}

TEST_CASE("no_mask: the weight itself") {
  no_mask m;
  petra::tape<float> t;
  tensor<float> w({1, 1}, {2});
  var const p = t.parameter(w);
  CHECK(m.weight(t, p).id == p.id);
  CHECK(t.nodes().size() == 1);
}

TEST_CASE("mask: of another size than the weight it is an error") {
  petra::nn::mask const m{petra::tensor<float>({1, 2})};
  petra::tensor<float> w({2, 2});
  CHECK_THROWS_WITH_AS(m.apply_to(w), "mask: expected 4 numbers, one per weight, found 2", petra::shape_error);
}
