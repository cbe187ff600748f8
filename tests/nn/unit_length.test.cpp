#include "petra/nn/unit_length.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"

TEST_CASE("unit_length layer: rows of length one; its channels cannot be cut") {
  petra::nn::unit_length layer;
  auto const y = petra_test::value_of(layer, petra::tensor<float>({1, 2}, {3, -4}));
  CHECK(y(0, 0) == doctest::Approx(0.6f));
  CHECK(y(0, 1) == doctest::Approx(-0.8f));
  petra::nn::channel_plan p;
  int const g = p.fresh();
  CHECK(petra::nn::unit_length::trace(p, g) == g);
  CHECK(p.pinned(g));
}
