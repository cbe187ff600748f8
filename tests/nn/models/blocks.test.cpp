#include "petra/nn/models/blocks.hpp"

#include <doctest/doctest.h>

#include "../filled.hpp"

using namespace petra::models;
using namespace petra::nn;
using petra::tensor;

TEST_CASE("basic_block: an identity where nothing changes, a strided 1x1 convolution where something does") {
  auto same_size = basic_block<4, 4, 1>();
  static_assert(std::same_as<decltype(same_size.shortcut), identity>);
  CHECK(petra_test::value_of(same_size, tensor<float>({1, 5, 6, 4})).shape() == petra::shape(1, 5, 6, 4));
  auto halved = basic_block<4, 8, 2>();
  CHECK(petra_test::value_of(halved, tensor<float>({1, 5, 6, 4})).shape() == petra::shape(1, 3, 3, 8));
  CHECK(get<0>(halved.shortcut.layers).weight.a.w.shape() == petra::shape(8, 4));
  auto wider = basic_block<4, 8, 1>();
  CHECK(petra_test::value_of(wider, tensor<float>({1, 5, 6, 4})).shape() == petra::shape(1, 5, 6, 8));
}

TEST_CASE("conv_norm has no bias; a dyn extent takes its number") {
  CHECK(conv_norm<3, 4>().bias.empty());
  CHECK(conv_norm<petra::dyn, 4>(3).weight.a.w.shape() == petra::shape(4, 27));
  CHECK(classifier<5, petra::dyn>(7).weight.a.w.shape() == petra::shape(7, 5));
  CHECK(classifier<5, petra::dyn>(7).bias.shape() == petra::shape(1, 7));
  CHECK(classifier<5, 7>().bias.shape() == petra::shape(1, 7));
}
