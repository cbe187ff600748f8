#include "petra/nn/models/resnet1d.hpp"

#include <doctest/doctest.h>

#include "trained.hpp"

using petra::index_t;
using petra::tensor;

TEST_CASE("resnet1d: parameters by hand, shapes") {
  auto const block = [](index_t in, index_t out) {
    return 8 * in * out + 5 * out * out + 3 * out * out + 3 * 2 * out + (in == out ? 0 : in * out + 2 * out);
  };
  auto model = petra::models::resnet1d<1, 4>(1);
  CHECK(petra_test::numbers_of(model).weights == block(1, 64) + block(64, 128) + block(128, 128) + 128 * 4 + 4);
  CHECK(petra_test::value_of(model, tensor<float>({2, 25, 1})).shape() == petra::shape(2, 4));
}

TEST_CASE("resnet1d: a step lowers the loss; run-time channels and classes") {
  auto model = petra::models::resnet1d<petra::dyn, petra::dyn, 8>(1, 3, 2);
  CHECK(petra_test::one_step(model, {8, 20, 3}).falls());
}
