#include "petra/nn/models/resnet56.hpp"

#include <doctest/doctest.h>

#include "trained.hpp"

using petra::tensor;

TEST_CASE("resnet56: the published number of parameters, shapes, a step lowers the loss") {
  auto model = petra::models::resnet56<3, 10>(1);
  // Published, with shortcuts that have no weights: 853,018. Ours have 16 * 32 + 32 * 64, and norms of 32 and 64 channels.
  CHECK(petra_test::numbers_of(model).weights == 853018 + 512 + 2048 + 2 * (32 + 64));
  CHECK(petra_test::value_of(model, tensor<float>({1, 16, 16, 3})).shape() == petra::shape(1, 10));
  CHECK(petra_test::one_step(model, {4, 8, 8, 3}, 1e-3f).falls());
}
