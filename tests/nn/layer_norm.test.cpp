#include "petra/nn/layer_norm.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"

TEST_CASE("layer_norm layer: starts as the plain norm, and its gradient is right") {
  petra::nn::layer_norm<2> layer;
  layer.eps = 0;
  CHECK(petra_test::value_of(layer, petra::tensor<float>({1, 2, 2}, {4, 6, 10, 0})) ==
        petra::tensor<float>({1, 2, 2}, {-1, 1, 1, -1}));
  petra::nn::layer_norm<5> random;
  petra::random r(1);
  random.gamma = petra_test::noise({1, 5}, r), random.beta = petra_test::noise({1, 5}, r);
  CHECK(petra_test::gradient_error_of(random, {2, 3, 5}) < 1e-6);
  std::string names;
  for (auto const& m : petra::nn::members_of(random)) names += m.path + " ";
  CHECK(names == "gamma beta in.seen.lo in.seen.hi ");
}
