#include "petra/grad/ops/scale_channels.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../../thrown.hpp"

using petra::tape;
using petra::tensor;
using petra::var;

TEST_CASE("scale_channels: a factor for each sample and channel") {
  tape<float> t;
  tensor<float> const x({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), s({2, 2}, {1, 10, 100, 0});
  var const y = petra::ops::scale_channels(t, t.constant(x), t.constant(s));
  CHECK(std::vector<float>(t.value(y), t.value(y) + 8) == std::vector<float>{1, 20, 3, 40, 500, 0, 700, 0});
}

TEST_CASE("scale_channels: what does not fit is an error") {
  tape<float> t;
  tensor<float> const x({2, 3, 4}), s({3, 4}), c({2, 3});
  CHECK(petra_test::thrown<petra::shape_error>([&] { petra::ops::scale_channels(t, t.constant(x), t.constant(s)); }) ==
        "scale_channels: expected a factor for each of 2 samples and 4 channels, found 2 axes, 3 x 4");
  CHECK(petra_test::says(
      petra_test::thrown<petra::shape_error>([&] { petra::ops::scale_channels(t, t.constant(x), t.constant(c)); }),
      "found 2 axes, 2 x 3"));
}
