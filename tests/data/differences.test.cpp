#include "petra/data/differences.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <utility>
#include <vector>

using petra::data::take_differences;

namespace {

petra::data::sequences two_columns(std::vector<float> x, std::vector<petra::index_t> start) {
  petra::data::sequences s;
  s.x = std::move(x);
  s.start = std::move(start);
  s.columns = {{.name = "number"}, {.name = "id", .ids = 9}};
  s.length = 4;
  return s;
}

}  // namespace

TEST_CASE("differences: each step becomes its change, the first that of the second; ids and lengths stay") {
  auto s = two_columns({1, 5, 4, 6, 2, 7, /**/ 9, 8, /**/ 3, 2, 3.5f, 3}, {0, 3, 4, 4, 6});
  take_differences(s);
  CHECK(s.x == std::vector<float>{3, 5, 3, 6, -2, 7, /**/ 0, 8, /**/ 0.5f, 2, 0.5f, 3});
  CHECK(s.start == std::vector<petra::index_t>{0, 3, 4, 4, 6});
}

TEST_CASE("differences: a level that is added to a whole series makes none") {
  auto low = two_columns({1, 0, 4, 0, 2, 0}, {0, 3}), high = two_columns({101, 0, 104, 0, 102, 0}, {0, 3});
  take_differences(low);
  take_differences(high);
  CHECK(low.x == high.x);
}

TEST_CASE("differences: both parts are measured by the changes of the training part") {
  auto train = two_columns({0, 0, 2, 0, 0, 0}, {0, 3}), test = two_columns({5, 0, 9, 0}, {0, 2});
  take_differences(train, test);  // 2, 2, -2 and 4, 4
  CHECK(train.columns[0].mean == doctest::Approx(2. / 3));
  CHECK(train.columns[0].deviation == doctest::Approx(std::sqrt(32. / 9)));
  CHECK(train.columns[1].deviation == 1);
  CHECK(test.columns == train.columns);
  float out[8];
  test.read(0, out);
  CHECK(out[0] == doctest::Approx((4 - 2. / 3) / std::sqrt(32. / 9)));
}
