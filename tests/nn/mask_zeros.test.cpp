#include "petra/nn/mask_zeros.hpp"

#include <doctest/doctest.h>

TEST_CASE("mask_zeros layer: x stays itself and has lengths") {
  petra::nn::mask_zeros layer;
  petra::tape<float> t;
  float const x[] = {1, 0, 2, 0, 0, 0};
  petra::var const v = t.constant({2, 3, 1}, x), y = layer.forward(t, v);
  CHECK(y.id == v.id);
  REQUIRE(t.length(y) != nullptr);
  CHECK(t.length(y)[0] == 3);
  CHECK(t.length(y)[1] == 0);
}
