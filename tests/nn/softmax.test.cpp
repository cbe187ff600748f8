#include "petra/nn/softmax.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"

TEST_CASE("softmax: along the last axis") {
  petra::nn::softmax layer;
  auto const y = petra_test::value_of(layer, petra::tensor<float>({2, 2}, {0, 0, 0, std::log(3.f)}));
  CHECK(y[0] == doctest::Approx(0.5));
  CHECK(y[3] == doctest::Approx(0.75));
}

// Its channels cannot be cut.
static_assert([] {
  petra::nn::channel_plan p;
  int const g = p.fresh();
  return petra::nn::softmax::trace(p, g) == g && p.pinned(g);
}());
