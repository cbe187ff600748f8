#include "petra/nn/models/mobilenet_v1.hpp"

#include <doctest/doctest.h>

#include "trained.hpp"

using petra::tensor;

TEST_CASE("mobilenet_v1: the published number of parameters, shapes") {
  auto model = petra::models::mobilenet_v1(1);
  auto const n = petra_test::numbers_of(model);
  // Published: 221,794, with a bias under each of the 27 batch norms, which have 2,736 channels together.
  CHECK(n.running == 2 * 2736);
  CHECK(n.weights + n.running + 2736 == 221794);
  CHECK(petra_test::value_of(model, tensor<float>({1, 96, 96, 3})).shape() == petra::shape(1, 2));
}

TEST_CASE("mobilenet_v1: a step lowers the loss") {
  auto model = petra::models::mobilenet_v1<petra::dyn, petra::dyn, 4>(1, 3, 5);
  CHECK(petra_test::value_of(model, tensor<float>({2, 32, 32, 3})).shape() == petra::shape(2, 5));
  CHECK(petra_test::one_step(model, {8, 32, 32, 3}).falls());
}
