#include "petra/nn/dropout.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"

using petra::tensor;

TEST_CASE("dropout: only in training; its rate is a member") {
  petra::nn::dropout layer{0.5f};
  tensor<float> x({1, 100});
  std::fill(x.begin(), x.end(), 1.f);
  CHECK(petra_test::value_of(layer, x) == x);
  auto const y = petra_test::value_of(layer, x, true);
  CHECK(std::count(y.begin(), y.end(), 0.f) > 20);
  CHECK(std::count(y.begin(), y.end(), 2.f) > 20);
  auto const members = members_of(layer);
  REQUIRE(members.size() == 1);
  CHECK(members[0].path == "rate");
}

TEST_CASE("dropout: its gradient, with what it dropped held") {
  petra::nn::dropout layer{0.25f};
  CHECK(petra_test::gradient_error_of(layer, {3, 11}) < 1e-6);
}
