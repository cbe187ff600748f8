#include "petra/data/gaps.hpp"

#include <doctest/doctest.h>

#include <vector>

using petra::data::fill_gaps;

namespace {

std::vector<float> filled(std::vector<float> v) {
  CHECK(fill_gaps({v.data(), v.size()}));
  return v;
}
constexpr float gap = petra::data::missing_value;

}  // namespace

TEST_CASE("gaps: linear inside, the nearest value at the ends") {
  CHECK(filled({1, gap, 3}) == std::vector<float>{1, 2, 3});
  CHECK(filled({0, gap, gap, gap, 1, gap, 0}) == std::vector<float>{0, 0.25f, 0.5f, 0.75f, 1, 0.5f, 0});
  CHECK(filled({gap, gap, 5}) == std::vector<float>{5, 5, 5});
  CHECK(filled({5, gap, gap}) == std::vector<float>{5, 5, 5});
  CHECK(filled({gap, 2, gap, 4, gap}) == std::vector<float>{2, 2, 3, 4, 4});
  CHECK(filled({1, 2}) == std::vector<float>{1, 2});
}

TEST_CASE("gaps: between the largest numbers it stays finite") {
  CHECK(filled({3e38f, gap, 3e38f})[1] == doctest::Approx(3e38));
  CHECK(filled({-3e38f, gap, 3e38f})[1] == 0);
}

TEST_CASE("gaps: nothing known is nothing filled") {
  std::vector<float> none{gap, gap};
  CHECK_FALSE(fill_gaps({none.data(), none.size()}));
  CHECK(std::isnan(none[0]));
  CHECK_FALSE(fill_gaps({}));
}
