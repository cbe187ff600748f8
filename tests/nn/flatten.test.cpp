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

TEST_CASE("flatten: padded steps become zeros") {
  petra::nn::flatten layer;
  petra::tensor<float> const x({1, 2, 2}, {1, 2, 3, 4});
  std::int32_t const length = 1;
  petra::tape<float> t;
  petra::var const v = t.constant(x);
  t.set_length(v, &length);
  petra::var const y = layer.forward(t, v);
  CHECK(t.shape(y) == petra::shape(1, 4));
  CHECK(t.value(y)[1] == 2);
  CHECK(t.value(y)[2] == 0);
}
