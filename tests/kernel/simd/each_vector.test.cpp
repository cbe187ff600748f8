#include "petra/kernel/simd/each_vector.hpp"

#include <doctest/doctest.h>

#include <vector>

using petra::index_t;
using namespace petra::kernel::simd;

TEST_CASE("each_vector: every element once, whole vectors first") {
  for (index_t n = 0; n < 6 * lanes; ++n) {
    std::vector<float> x(static_cast<std::size_t>(n), 1.f);
    each_vector(n, [&](auto lane, index_t i) { lane.store(x.data() + i, lane.load(x.data() + i) + broadcast(1.f)); });
    for (float const v : x) REQUIRE(v == 2.f);
  }
}

TEST_CASE("each_stripe and sum_rows: every element of a matrix once") {
  for (index_t rows : {0, 1, 3, 4, 5, 11})
    for (index_t cols = 0; cols < 2 * lanes + 3; ++cols) {
      std::vector<float> x(static_cast<std::size_t>(rows * cols), 1.f), sum(static_cast<std::size_t>(cols), 0.f);
      each_stripe(rows, cols, 4, [&](auto lane, index_t j, index_t begin, index_t end) {
        vector const s = sum_rows(begin, end, [&](index_t i) { return lane.load(x.data() + i * cols + j); });
        lane.store(sum.data() + j, lane.load(sum.data() + j) + s);
      });
      for (float const v : sum) REQUIRE(v == static_cast<float>(rows));
    }
}
