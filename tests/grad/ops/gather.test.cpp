#include "petra/grad/ops/gather.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../../thrown.hpp"

using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

TEST_CASE("gather: rows in the order asked for; a negative one is zeros") {
  tape<float> t;
  tensor<float> const x({3, 2}, {1, 2, 3, 4, 5, 6});
  index_t const row[] = {2, -1, 0, 2};
  var const y = petra::ops::gather(t, t.constant(x), std::span<index_t const>(row));
  CHECK(t.shape(y) == petra::shape(4, 2));
  CHECK(std::vector<float>(t.value(y), t.value(y) + 8) == std::vector<float>{5, 6, 0, 0, 1, 2, 5, 6});
}

TEST_CASE("gather: a row that is not there is an error") {
  tape<float> t;
  tensor<float> const x({3, 2});
  index_t const row[] = {0, 3};
  CHECK(petra_test::thrown<petra::shape_error>([&] {
          petra::ops::gather(t, t.constant(x), std::span<index_t const>(row));
        }) == "gather: expected rows below 3, found 3");
}
