#include "petra/search/selection.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <vector>

namespace {

using namespace petra::search;
using petra::index_t;
constexpr double inf = std::numeric_limits<double>::infinity();
using fronts = std::vector<std::vector<index_t>>;

std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

std::vector<contender> pool_of(std::vector<point> const& points) {
  std::vector<contender> pool;
  for (point const& p : points) pool.push_back({static_cast<std::int64_t>(pool.size()), p, 0});
  return pool;
}

std::vector<double> crowding_of(std::vector<point> const& points) {
  auto const pool = pool_of(points);
  std::vector<index_t> front;
  for (std::size_t i = 0; i < pool.size(); ++i) front.push_back(static_cast<index_t>(i));
  return crowding_distance(pool, front);
}

// A pool on a coarse grid, so that ties, copies and dominated chains abound.
std::vector<contender> random_pool(std::uint64_t seed) {
  petra::random r(petra::key(seed, 2));
  index_t const m = 1 + r.index(4), n = r.index(40), grid = 2 + r.index(9);
  std::vector<contender> pool;
  for (index_t i = 0; i < n; ++i) {
    contender c{.id = 3 * i, .cost = {}, .violation = r.index(4) == 0 ? static_cast<double>(1 + r.index(2)) : 0};
    for (index_t k = 0; k < m; ++k) c.cost.push(r.index(15) == 0 ? inf : static_cast<double>(r.index(grid)));
    pool.push_back(c);
  }
  r.shuffle(std::span(pool));
  return pool;
}

// Twin of the sort: what nobody left dominates leaves.
fronts peel(std::vector<contender> const& pool) {
  auto const better = [](contender const& a, contender const& b) {
    if (a.violation > 0 || b.violation > 0) {
      if (a.violation < b.violation) return true;
      if (a.violation > b.violation) return false;
    }
    bool all = true, any = false;
    for (index_t k = 0; k < a.cost.size; ++k) {
      all = all && a.cost[k] <= b.cost[k];
      any = any || a.cost[k] < b.cost[k];
    }
    return all && any;
  };
  std::set<index_t> left;
  for (std::size_t i = 0; i < pool.size(); ++i) left.insert(static_cast<index_t>(i));
  fronts out;
  while (!left.empty()) {
    std::vector<index_t> front;
    for (index_t const i : left)
      if (std::none_of(left.begin(), left.end(), [&](index_t j) { return better(pool[at(j)], pool[at(i)]); }))
        front.push_back(i);
    for (index_t const i : front) left.erase(i);
    out.push_back(front);
  }
  return out;
}

// Twin of the crowding distance: looks for each member's neighbors instead of sorting.
std::vector<double> neighbors(std::vector<contender> const& pool, std::vector<index_t> const& front) {
  auto const copy = [&](index_t i) {
    return std::any_of(front.begin(), front.end(), [&](index_t j) {
      return pool[at(j)].cost == pool[at(i)].cost && pool[at(j)].id < pool[at(i)].id;
    });
  };
  std::vector<index_t> distinct;
  for (index_t const i : front)
    if (!copy(i)) distinct.push_back(i);
  std::vector<double> out;
  for (index_t const i : front) {
    double sum = 0;
    if (copy(i)) {
      out.push_back(0);
      continue;
    }
    for (index_t k = 0; k < pool[at(i)].cost.size; ++k) {
      double lo = inf, hi = -inf, worst = -inf;
      for (index_t const j : distinct) {
        double const v = pool[at(j)].cost[k];
        worst = std::max(worst, v);
        if (v == inf) continue;
        lo = std::min(lo, v);
        hi = std::max(hi, v);
      }
      auto const unit = [&](double v) { return v == inf ? 1 : hi > lo ? (v - lo) / (hi - lo) : 0; };
      if (unit(lo) == unit(worst)) continue;
      using place = std::pair<double, std::int64_t>;
      auto const where = [&](index_t j) { return place(pool[at(j)].cost[k], pool[at(j)].id); };
      place below(-inf, -1), above(inf, std::numeric_limits<std::int64_t>::max());
      for (index_t const j : distinct) {
        if (where(j) < where(i)) below = std::max(below, where(j));
        if (where(j) > where(i)) above = std::min(above, where(j));
      }
      bool const extreme = below.second < 0 || above.second == std::numeric_limits<std::int64_t>::max();
      sum += extreme ? inf : unit(above.first) - unit(below.first);
    }
    out.push_back(distinct.size() <= 2 ? inf : sum);
  }
  return out;
}

TEST_CASE("selection: fronts computed by hand") {
  auto const pool = pool_of({{1, 5}, {2, 3}, {4, 1}, {3, 4}, {4, 4}, {5, 5}});
  CHECK(non_dominated_sort(pool) == fronts{{0, 1, 2}, {3}, {4}, {5}});
  CHECK(non_dominated_sort({}).empty());
}

TEST_CASE("selection: a violation outweighs any cost, and less of it is better") {
  std::vector<contender> const pool{{0, {1, 1}, 0.5}, {1, {9, 9}, 0}, {2, {1, 1}, 0.25}, {3, {2, 0}, 0.25}};
  CHECK(non_dominated_sort(pool) == fronts{{1}, {2, 3}, {0}});
}

TEST_CASE("selection: crowding computed by hand") {
  // f1 spans 10, f2 spans 20. Member 1: (4-0)/10 + (20-8)/20; member 2: (10-1)/10 + (14-0)/20.
  auto const d = crowding_of({{0, 20}, {1, 14}, {4, 8}, {10, 0}});
  CHECK(d[0] == inf);
  CHECK(d[1] == doctest::Approx(0.4 + 0.6));
  CHECK(d[2] == doctest::Approx(0.9 + 0.7));
  CHECK(d[3] == inf);
}

TEST_CASE("selection: units of an objective do not matter") {
  auto const a = crowding_of({{0, 20}, {1, 14}, {4, 8}, {10, 0}});
  auto const b = crowding_of({{0, 20e9}, {1, 14e9}, {4, 8e9}, {10, 0}});
  for (std::size_t i = 0; i < a.size(); ++i) CHECK((a[i] == b[i] || a[i] == doctest::Approx(b[i])));
}

TEST_CASE("selection: copies count for nothing and crowd nobody") {
  auto const d = crowding_of({{0, 20}, {1, 14}, {1, 14}, {4, 8}, {10, 0}, {10, 0}});
  CHECK(d[1] == doctest::Approx(0.4 + 0.6));
  CHECK(d[2] == 0);
  CHECK(d[4] == inf);
  CHECK(d[5] == 0);
}

TEST_CASE("selection: a constant objective crowns nobody") {
  auto const d = crowding_of({{0, 7, 9}, {1, 7, 5}, {2, 7, 3}, {3, 7, 0}});
  CHECK(d[0] == inf);
  CHECK(d[1] == doctest::Approx(2. / 3 + 6. / 9));
  CHECK(d[3] == inf);
}

TEST_CASE("selection: small fronts are all extremes") {
  CHECK(crowding_of({{1, 2}}) == std::vector{inf});
  CHECK(crowding_of({{1, 2}, {2, 1}}) == std::vector{inf, inf});
  CHECK(crowding_of({{1, 2}, {1, 2}, {1, 2}}) == std::vector{inf, 0., 0.});
}

TEST_CASE("selection: sort and crowding equal their brute-force twins") {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    CAPTURE(seed);
    auto const pool = random_pool(seed);
    auto const sorted = non_dominated_sort(pool);
    REQUIRE(sorted == peel(pool));
    for (auto const& front : sorted) {
      auto const fast = crowding_distance(pool, front), slow = neighbors(pool, front);
      REQUIRE(fast.size() == slow.size());
      for (std::size_t i = 0; i < fast.size(); ++i)
        CHECK((fast[i] == slow[i] || fast[i] == doctest::Approx(slow[i]).epsilon(1e-12)));
    }
  }
}

TEST_CASE("selection: survivors are the best in crowded-comparison order, whatever the order of the pool") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    auto pool = random_pool(seed);
    auto const n = static_cast<index_t>(pool.size());
    auto const all = select(pool, n);
    REQUIRE(static_cast<index_t>(all.size()) == n);
    for (std::size_t i = 1; i < all.size(); ++i) {
      auto const &a = all[i - 1], &b = all[i];
      CHECK((a.front < b.front ||
             (a.front == b.front &&
              (a.crowding > b.crowding || (a.crowding == b.crowding && pool[at(a.index)].id < pool[at(b.index)].id)))));
    }
    petra::random r(seed);
    for (index_t k = 0; k <= n; k += 3) {
      auto const ids = [](std::vector<contender> const& from, std::vector<survivor> const& s) {
        std::vector<std::int64_t> out;
        for (survivor const& x : s) out.push_back(from[at(x.index)].id);
        return out;
      };
      auto const before = ids(pool, select(pool, k));
      CHECK(static_cast<index_t>(before.size()) == k);
      auto shuffled = pool;
      r.shuffle(std::span(shuffled));
      CHECK(ids(shuffled, select(shuffled, k)) == before);
    }
    CHECK(select(pool, n + 5).size() == pool.size());
  }
}

TEST_CASE("selection: a tournament prefers the better of two different survivors") {
  petra::random r(5);
  std::array<int, 4> wins{};
  constexpr int rounds = 12000;
  for (int i = 0; i < rounds; ++i) ++wins[at(tournament(4, r))];
  // Of 6 pairs the best wins 3, the second 2, the third 1, the last none. 5 standard deviations are about 270.
  CHECK(wins[0] == doctest::Approx(6000).epsilon(0.05));
  CHECK(wins[1] == doctest::Approx(4000).epsilon(0.07));
  CHECK(wins[2] == doctest::Approx(2000).epsilon(0.14));
  CHECK(wins[3] == 0);
  CHECK(tournament(1, r) == 0);
}

}  // namespace
