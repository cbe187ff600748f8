#include "petra/nn/relu.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"

using petra::tensor;

TEST_CASE("relu layer: values, shape kept") {
  petra::nn::relu layer;
  CHECK(petra_test::value_of(layer, tensor<float>({1, 1, 2, 2}, {-1, 2, 0, -3})) ==
        tensor<float>({1, 1, 2, 2}, {0, 2, 0, 0}));
}

static_assert([] {
  petra::nn::channel_plan p;
  return petra::nn::relu::trace(p, 5) == 5 && p.site_count == 0;
}());
