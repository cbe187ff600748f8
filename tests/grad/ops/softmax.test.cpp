#include "petra/grad/ops/softmax.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

TEST_CASE("softmax: rows sum to one, along the last axis, whatever is added to a row") {
  tape<float> t;
  tensor<float> const x({2, 1, 3}, {0, 0, std::log(2.f), 1000, 1000, 1000 + std::log(2.f)});
  var const y = petra::ops::softmax(t, t.constant(x));
  CHECK(t.shape(y) == petra::shape(2, 1, 3));
  float const wanted[] = {0.25f, 0.25f, 0.5f};
  for (index_t i = 0; i < 6; ++i) CHECK(t.value(y)[i] == doctest::Approx(wanted[i % 3]).epsilon(1e-4));
}

TEST_CASE("softmax: an empty row is an error") {
  tape<float> t;
  float const none = 0;
  CHECK(petra_test::thrown<petra::shape_error>([&] {
          petra::ops::softmax(t, t.constant(petra::shape(2, 0), &none));
        }) == "softmax: expected at least one number a row, found none");
}
