#include "petra/core/order.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "petra/core/random.hpp"

using petra::ascending;
using petra::index_t;

TEST_CASE("ascending: positions by key, equal keys in the order they stand in") {
  using order = std::vector<index_t>;
  CHECK(ascending(std::vector<double>{}) == order{});
  CHECK(ascending(std::vector<double>{7}) == order{0});
  CHECK(ascending(std::vector<double>{3, -1, 3, 2, -1}) == order{1, 4, 3, 0, 2});
  double const inf = std::numeric_limits<double>::infinity();
  CHECK(ascending(std::vector<double>{inf, 0, -inf, -0.0}) == order{2, 1, 3, 0});
  // More than std::sort leaves to insertion, with many ties.
  std::vector<double> keys(1000);
  petra::random r(3);
  for (double& k : keys) k = static_cast<double>(r.next() % 10);
  auto const found = ascending(keys);
  for (std::size_t i = 1; i < found.size(); ++i) {
    auto const a = found[i - 1], b = found[i];
    CHECK((keys[static_cast<std::size_t>(a)] < keys[static_cast<std::size_t>(b)] ||
           (keys[static_cast<std::size_t>(a)] == keys[static_cast<std::size_t>(b)] && a < b)));
  }
}

TEST_CASE("ascending: positions of anything, by a function that compares two of them") {
  std::vector<std::string> const names = {"b", "c", "a", "b", "aa"};
  std::string const* const name = names.data();
  auto const order = ascending(names.size(), [&](index_t a, index_t b) { return name[a] > name[b]; });
  CHECK(order == std::vector<index_t>{1, 0, 3, 4, 2});
  CHECK(ascending(0, [](index_t, index_t) { return true; }).empty());
}
