#include "petra/nn/flatten.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"

using petra::tensor;

TEST_CASE("flatten: (N,H,W,C) -> (N, H*W*C), channels fastest") {
  petra::nn::flatten layer;
  tensor<float> x({2, 1, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  auto const y = petra_test::value_of(layer, x);
  CHECK(y.shape() == petra::shape(2, 6));
  CHECK(std::equal(y.begin(), y.end(), x.begin()));
}
