#include "petra/nn/dense.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "filled.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

// y (N,Out) = x (N,In) . w (Out,In)^T + b (Out)
TEST_CASE("dense: values and shape by hand, with and without bias") {
  dense<3, 2> layer;
  CHECK(layer.weight.a.w.shape() == petra::shape(2, 3));
  CHECK(layer.bias.shape() == petra::shape(1, 2));
  layer.weight.a.w = tensor<float>({2, 3}, {1, 0, -1, 2, 1, 0});
  layer.bias = tensor<float>({1, 2}, {10, 20});
  tensor<float> const x({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(petra_test::value_of(layer, x) == tensor<float>({2, 2}, {8, 24, 8, 33}));
  layer.bias = {};
  CHECK(petra_test::value_of(layer, x) == tensor<float>({2, 2}, {-2, 4, -2, 13}));
}

TEST_CASE("dense: a low-rank weight is the product of its factors") {
  dense<3, 2, low_rank<>> layer;
  layer.weight.v.w = tensor<float>({1, 3}, {1, 2, 3});
  layer.weight.u.w = tensor<float>({2, 1}, {10, -1});
  layer.bias = tensor<float>({1, 2}, {5, 5});
  tensor<float> const x({1, 3}, {1, 1, 2});
  CHECK(petra_test::value_of(layer, x) == tensor<float>({1, 2}, {95, -4}));
}

TEST_CASE("dense: other features are an error") {
  dense<3, 2> layer;
  tensor<float> const x({1, 4});
  CHECK(petra_test::thrown<petra::shape_error>([&] { petra_test::value_of(layer, x); }) ==
        "matmul: expected 3 input features, found 4");
}

TEST_CASE("dense: with dyn extents it is what its weight is") {
  dense<petra::dyn, petra::dyn> layer;
  CHECK(layer.weight.a.w.empty());
  layer.weight.a.w = tensor<float>({1, 2}, {1, 1});
  CHECK(petra_test::value_of(layer, tensor<float>({1, 2}, {3, 4})) == tensor<float>({1, 1}, {7}));
}

static_assert(std::same_as<dense<2, 3>::rebind<5, 7, low_rank<>>, dense<5, 7, low_rank<>>>);
