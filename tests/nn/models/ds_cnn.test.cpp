#include "petra/nn/models/ds_cnn.hpp"

#include <doctest/doctest.h>

#include "trained.hpp"

using petra::tensor;

TEST_CASE("ds_cnn: the published number of parameters, shapes") {
  auto model = petra::models::ds_cnn(1);
  auto const n = petra_test::numbers_of(model);
  // Published: 24,908, with a bias under each of the nine batch norms.
  CHECK(n.weights + n.running + 9 * 64 == 24908);
  CHECK(petra_test::value_of(model, tensor<float>({2, 49, 10, 1})).shape() == petra::shape(2, 12));
  petra::tape<float> t;
  CHECK(t.shape(get<0>(model.layers).forward(t, t.constant(tensor<float>({1, 49, 10, 1})))) ==
        petra::shape(1, 25, 5, 64));
}

TEST_CASE("ds_cnn: a step lowers the loss; run-time classes give the same numbers") {
  auto model = petra::models::ds_cnn<1, 4, 8>(1);
  auto free = petra::models::ds_cnn<petra::dyn, petra::dyn, 8>(1, 1, 4);
  petra::random r(1);
  auto const x = petra_test::noise({2, 17, 6, 1}, r);
  CHECK(petra_test::value_of(model, x) == petra_test::value_of(free, x));
  CHECK(petra_test::one_step(model, {8, 17, 6, 1}).falls());
}
