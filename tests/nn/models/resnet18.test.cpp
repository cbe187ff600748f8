#include "petra/nn/models/resnet18.hpp"

#include <doctest/doctest.h>

#include "trained.hpp"

using petra::tensor;
using namespace petra::models;

TEST_CASE("resnet18: the published number of parameters") {
  CHECK(petra_test::numbers_of(resnet18<3, 1000, 64, stem::large>(1)).weights == 11689512);
}

TEST_CASE("resnet18: shapes of both stems, a step lowers the loss") {
  auto large = resnet18<3, 10, 8, stem::large>(1);
  CHECK(petra_test::value_of(large, tensor<float>({1, 64, 64, 3})).shape() == petra::shape(1, 10));
  auto small = resnet18<petra::dyn, petra::dyn, 8>(1, 3, 10);
  petra::tape<float> t;
  CHECK(t.shape(get<1>(small.layers)
                    .forward(t, get<0>(small.layers).forward(t, t.constant(tensor<float>({1, 64, 64, 3}))))) ==
        petra::shape(1, 32, 32, 8));
  CHECK(petra_test::one_step(small, {8, 32, 32, 3}).falls());
}

TEST_CASE("resnet14: six blocks instead of eight") {
  auto model = resnet14<3, 10, 8>(1);
  // Without the second block of 8 channels and that of 64: two 3x3 convolutions and two norms each.
  auto const missing = 2 * (9 * 8 * 8 + 2 * 8) + 2 * (9 * 64 * 64 + 2 * 64);
  CHECK(petra_test::numbers_of(model).weights == petra_test::numbers_of(resnet18<3, 10, 8>(1)).weights - missing);
  CHECK(petra_test::one_step(model, {8, 32, 32, 3}).falls());
}
