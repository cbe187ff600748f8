#include "petra/nn/models/linear.hpp"

#include <doctest/doctest.h>

TEST_CASE("linear: extents known at run time, zero at the start") {
  auto model = petra::models::linear(3, 2);
  CHECK(model.weight.a.w.shape() == petra::shape(2, 3));
  petra::tape<float> t;
  float const x[] = {1, 2, 3, 4, 5, 6};
  model.bias = petra::tensor<float>({1, 2}, {0.5f, -1});
  model.weight.a.w[4] = 10;
  auto const y = model.forward(t, t.constant({2, 3}, x));
  CHECK(t.shape(y) == petra::shape(2, 2));
  CHECK(t.value(y)[0] == 0.5f);
  CHECK(t.value(y)[1] == 19);
  CHECK(t.value(y)[3] == 49);
}
