#include "petra/search/objective.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

namespace {

using namespace petra::search;
using petra::index_t;
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double most = std::numeric_limits<double>::max();

static_assert(dominates(point{1, 2}, point{1, 3}));
static_assert(!dominates(point{1, 2}, point{1, 2}));
static_assert(!dominates(point{1, 3}, point{2, 2}) && !dominates(point{2, 2}, point{1, 3}));
static_assert(name(objective::peak_activation_bytes) == "peak_activation_bytes");

TEST_CASE("objective: costs are minimized, in the order asked for") {
  scores const s{.quality = 0.75, .latency_ns = 1500, .size_bytes = 4096, .peak_activation_bytes = 512, .macs = 9};
  objective const all[] = {objective::macs, objective::loss, objective::size_bytes, objective::latency_ns,
                           objective::peak_activation_bytes};
  CHECK(to_point(s, all) == point{9, 0.25, 4096, 1500, 512});
  objective const one[] = {objective::latency_ns};
  CHECK(to_point(s, one).size == 1);
}

TEST_CASE("objective: what is no finite number is the worst") {
  for (double const bad : {nan, inf, -inf}) {
    point const p{1, bad};
    CHECK(p[1] == inf);
    CHECK_FALSE(is_finite(p));
    CHECK(dominates(point{1, most}, p));
    CHECK_FALSE(dominates(p, point{1, most}));
  }
  CHECK(is_finite(point{-most, most}));
}

TEST_CASE("objective: dominance is irreflexive, asymmetric and transitive on a grid") {
  std::vector<point> grid;
  for (double const a : {0.0, 1.0, nan})
    for (double const b : {0.0, 1.0, 2.0})
      for (double const c : {-1.0, inf}) grid.push_back({a, b, c});
  for (point const& a : grid) {
    CHECK_FALSE(dominates(a, a));
    for (point const& b : grid) {
      CHECK_FALSE((dominates(a, b) && dominates(b, a)));
      for (point const& c : grid)
        if (dominates(a, b) && dominates(b, c)) CHECK(dominates(a, c));
    }
  }
}

TEST_CASE("objective: ranges ignore what is infinite and normalize to [0, 1]") {
  std::vector<point> const points{{2, 5, 1}, {4, 5, inf}, {inf, 5, nan}, {3, 5, inf}};
  auto const r = ranges(points);
  CHECK(r[0].lo == 2);
  CHECK(r[0].hi == 4);
  CHECK(r[0].normalize(2) == 0);
  CHECK(r[0].normalize(3) == 0.5);
  CHECK(r[0].normalize(4) == 1);
  CHECK(r[0].normalize(inf) == 1);
  CHECK(r[1].normalize(5) == 0);  // no width
  CHECK(r[2].normalize(1) == 0);  // one finite value
  CHECK(ranges({})[0].normalize(inf) == 1);
  CHECK(ranges({})[0].normalize(3) == 0);
}

TEST_CASE("objective: a range as wide as double itself does not overflow") {
  range r;
  r.include(-most);
  r.include(most);
  CHECK(r.normalize(0) == 0.5);
  CHECK(r.normalize(most) == 1);
}

TEST_CASE("objective: settings are checked") {
  CHECK_THROWS_WITH_AS(check(std::vector<objective>{}), "search: expected at least one objective, found none",
                       petra::setting_error);
  CHECK_THROWS_WITH_AS(check(std::vector{objective::loss, objective::macs, objective::loss}),
                       "search: expected distinct objectives, found loss twice", petra::setting_error);
  CHECK_NOTHROW(check(std::vector{objective::macs, objective::loss}));
}

}  // namespace
