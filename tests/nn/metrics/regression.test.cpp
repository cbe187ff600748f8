#include "petra/nn/metrics/regression.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace petra;

TEST_CASE("rmse and mae: by hand, over all numbers of all samples") {
  std::vector<float> const said{1, 2, 3, 4}, is{1, 4, 3, 0};
  for (index_t const width : {1, 2, 4}) {
    CHECK(metric::rmse{}(said, is, width) == doctest::Approx(std::sqrt(5.)).epsilon(1e-12));
    CHECK(metric::mae{}(said, is, width) == 1.5);
  }
  CHECK(metric::rmse{}(is, is, 1) == 0);
}

TEST_CASE("rmse: squares of large numbers do not overflow") {
  std::vector<float> const said{3e38f}, is{0};
  CHECK(metric::rmse{}(said, is, 1) == doctest::Approx(3e38).epsilon(1e-6));
}
