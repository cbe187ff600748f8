#include "petra/grad/ops/product.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

// Gradients: tests/grad/rules.test.cpp.
TEST_CASE("product: two matrices as they are") {
  petra::tape<float> t;
  float const a[] = {1, 2, 3, 4, 5, 6}, b[] = {1, 0, -1, 2, 0, 1};
  petra::var const y = petra::ops::product(t, t.constant({2, 3}, a), t.constant({3, 2}, b));
  CHECK(t.shape(y) == petra::shape(2, 2));
  float const want[] = {-1, 7, -1, 16};
  for (int i = 0; i < 4; ++i) CHECK(t.value(y)[i] == want[i]);
}

TEST_CASE("product: matrices that do not fit are an error") {
  petra::tape<float> t;
  float const a[6] = {};
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] {
                           petra::ops::product(t, t.constant({2, 3}, a), t.constant({2, 3}, a));
                         }),
                         "product: expected two matrices", "the last of 3", "the first of 2"));
}
