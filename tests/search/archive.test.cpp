#include "petra/search/archive.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "petra/core/random.hpp"

namespace {

using namespace petra::search;
using petra::index_t;

TEST_CASE("archive: keeps what nothing dominates, in the order of ids") {
  archive a;
  CHECK(a.size() == 0);
  CHECK(a.insert(4, {2, 2}));
  CHECK(a.insert(2, {1, 3}));
  CHECK_FALSE(a.insert(5, {2, 3}));
  CHECK(a.ids() == std::vector<std::int64_t>{2, 4});
  CHECK(a.insert(6, {1, 2}));  // dominates both
  CHECK(a.ids() == std::vector<std::int64_t>{6});
}

TEST_CASE("archive: of equal points the lowest id stays, whichever came first") {
  archive a;
  CHECK(a.insert(7, {1, 1}));
  CHECK_FALSE(a.insert(8, {1, 1}));
  CHECK_FALSE(a.insert(7, {1, 1}));
  CHECK(a.insert(3, {1, 1}));
  CHECK(a.ids() == std::vector<std::int64_t>{3});
}

TEST_CASE("archive: a point that is not finite never enters") {
  archive a;
  CHECK_FALSE(a.insert(0, {0, std::numeric_limits<double>::infinity()}));
  CHECK_FALSE(a.insert(1, {std::numeric_limits<double>::quiet_NaN(), 0}));
  CHECK(a.size() == 0);
}

TEST_CASE("archive: equals brute force in every order of insertion") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    petra::random r(petra::key(seed, 1));
    index_t const m = 1 + r.index(4), n = 1 + r.index(60), grid = 2 + r.index(8);
    std::vector<archive::entry> all;
    for (index_t i = 0; i < n; ++i) {
      point p;
      for (index_t k = 0; k < m; ++k) p.push(static_cast<double>(r.index(grid)));
      all.push_back({i, p});
    }
    std::vector<archive::entry> expected;
    for (auto const& e : all) {
      bool keep = true;
      for (auto const& o : all) keep &= !dominates(o.cost, e.cost) && !(o.cost == e.cost && o.id < e.id);
      if (keep) expected.push_back(e);
    }
    for (int order = 0; order < 5; ++order) {
      r.shuffle(std::span(all));
      archive a;
      for (auto const& e : all) a.insert(e.id, e.cost);
      CHECK(std::vector(a.entries().begin(), a.entries().end()) == expected);
    }
  }
}

}  // namespace
