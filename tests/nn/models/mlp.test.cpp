#include "petra/nn/models/mlp.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "trained.hpp"

using petra::tensor;
using petra::models::mlp;

TEST_CASE("mlp: parameters by hand, any input is flattened, a step lowers the loss") {
  auto model = mlp<64, 10>(1);
  CHECK(petra_test::numbers_of(model) == petra_test::model_numbers{64 * 128 + 128 + 128 * 128 + 128 + 1290, 0});
  CHECK(petra_test::value_of(model, tensor<float>({2, 8, 8, 1})).shape() == petra::shape(2, 10));
  CHECK(petra_test::value_of(model, tensor<float>({2, 16, 4})).shape() == petra::shape(2, 10));
  CHECK(petra_test::one_step(model, {8, 64}).falls());
}

TEST_CASE("mlp: run-time inputs and classes give the same numbers") {
  auto fixed = mlp<6, 3, 16>(5);
  auto free = mlp<petra::dyn, petra::dyn, 16>(5, 6, 3);
  petra::random r(1);
  auto const x = petra_test::noise({4, 6}, r);
  CHECK(petra_test::value_of(fixed, x) == petra_test::value_of(free, x));
  CHECK(petra_test::thrown<petra::setting_error>([] { mlp<petra::dyn, 10, 16>(1); }) ==
        "models: expected at least one of inputs, found -1");
}
