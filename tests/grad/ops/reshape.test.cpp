#include "petra/grad/ops/reshape.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "petra/grad/ops/matmul.hpp"

using petra::index_t;
using petra::tape;
using petra::var;

TEST_CASE("reshape: the same elements in the same order, gradients too") {
  tape<float> t;
  float const x[] = {1, 2, 3, 4, 5, 6}, w[] = {1, 10, 100, 1000, 10000, 100000};
  var const v = t.variable(petra::shape(2, 3), x);
  var const y = petra::ops::reshape(t, v, {1, 6});
  CHECK(t.shape(y) == petra::shape(1, 6));
  var const loss = petra::ops::matmul(t, y, t.constant({1, 6}, w));
  CHECK(*t.value(loss) == 654321);
  t.backward(loss);
  for (index_t i = 0; i < 6; ++i) CHECK(t[v].grad[i] == w[i]);
}

TEST_CASE("reshape: another number of elements is an error") {
  tape<float> t;
  petra::tensor<float> const x({2, 3});
  CHECK(petra_test::thrown<petra::shape_error>([&] {
          petra::ops::reshape(t, t.constant(x), {4, 2});
        }) == "reshape: expected 6 elements, found a shape of 8");
}
