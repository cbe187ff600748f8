#include "petra/nn/models/series_blocks.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../filled.hpp"

using namespace petra::models;
using petra::tensor;

TEST_CASE("inception_block: four times the filters, any length, a bottleneck for more than one channel") {
  auto one = inception_block<1, 3>();
  CHECK(petra_test::value_of(one, tensor<float>({2, 7, 1})).shape() == petra::shape(2, 7, 12));
  auto many = inception_block<petra::dyn, 3>(5);
  CHECK(petra_test::value_of(many, tensor<float>({2, 1, 5})).shape() == petra::shape(2, 1, 12));
  auto const& scales = get<0>(get<0>(many.layers).layers);
  CHECK(get<0>(scales.layers).weight.a.w.shape() == petra::shape(3, 5));
  CHECK(get<0>(get<1>(scales.layers).layers).weight.a.w.shape() == petra::shape(3, 39 * 3));
}

TEST_CASE("conv1d_norm has no bias; a dyn extent takes its number") {
  CHECK(conv1d_norm<3, 4>().bias.empty());
  CHECK(conv1d_norm<petra::dyn, 4>(3).weight.a.w.shape() == petra::shape(4, 9));
  CHECK(petra_test::thrown<petra::setting_error>([] { conv1d_norm<petra::dyn, 4>(0); }) ==
        "models: expected at least one of channels, found 0");
}
