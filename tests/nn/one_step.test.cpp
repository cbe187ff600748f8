#include "petra/nn/one_step.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"

TEST_CASE("first_step, last_step: one step of every sequence") {
  petra::tensor<float> const x({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  petra::nn::first_step first;
  petra::nn::last_step last;
  CHECK(petra_test::value_of(first, x) == petra::tensor<float>({2, 2}, {1, 2, 5, 6}));
  CHECK(petra_test::value_of(last, x) == petra::tensor<float>({2, 2}, {3, 4, 7, 8}));
}
