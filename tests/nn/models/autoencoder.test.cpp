#include "petra/nn/models/autoencoder.hpp"

#include <doctest/doctest.h>

#include "trained.hpp"

using petra::index_t;
using petra::tensor;

TEST_CASE("autoencoder: the published number of parameters, shapes") {
  auto model = petra::models::autoencoder(1);
  auto const n = petra_test::numbers_of(model);
  // Published: 269,992, with a bias under each of the nine batch norms.
  CHECK(n.weights + n.running + 8 * 128 + 8 == 269992);
  CHECK(n.running == 2 * (8 * 128 + 8));
  CHECK(petra_test::value_of(model, tensor<float>({2, 640})).shape() == petra::shape(2, 640));
}

TEST_CASE("autoencoder: a step lowers the loss") {
  auto model = petra::models::autoencoder<12, 16, 4>(1);
  CHECK(petra_test::one_step(model, {16, 12}).falls());
}
