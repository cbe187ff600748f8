// Who survives and who breeds: NSGA-II.
//
// Source: Deb, Pratap, Agarwal, Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE
// Transactions on Evolutionary Computation 6(2), 2002: sections III-A (fast sort), III-B (crowding), VI (constrained
// dominance).
// Properties: deterministic; every tie is broken by the lower id, so the order of the pool does not matter.
// Differs: copies (equal costs) of a member with a lower id get crowding 0 and are no neighbors of anybody: in a
// discrete space neutral genes breed copies, and one front must not fill up with them. An objective that is constant
// over a front says nothing and is skipped; the paper would crown two arbitrary members its extremes.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "petra/core/order.hpp"
#include "petra/core/random.hpp"
#include "petra/search/objective.hpp"

namespace petra::inline PETRA_ABI::search {

// A candidate as selection sees it. violation: 0 within the limits, else how far beyond (search/limits.hpp), never NaN.
struct contender {
  std::int64_t id = 0;
  point cost;
  double violation = 0;
};

// Constrained dominance: less violation wins; with equal violation the costs decide.
[[nodiscard]] constexpr bool dominates(contender const& a, contender const& b) {
  if (a.violation != b.violation) return a.violation < b.violation;
  return dominates(a.cost, b.cost);
}

// Indices into the pool, front by front, ascending inside a front. Cost: O(objectives x n^2) time, O(n^2) memory.
template <class = void>
[[nodiscard, gnu::cold]] std::vector<std::vector<index_t>> non_dominated_sort(std::span<contender const> pool) {
  auto const n = static_cast<index_t>(pool.size());
  std::vector<std::vector<index_t>> beats(pool.size());  // whom i dominates
  std::vector<index_t> beaten(pool.size(), 0);           // by how many i is dominated
  auto const at = [](index_t i) { return static_cast<std::size_t>(i); };
  for (index_t i = 0; i < n; ++i)
    for (index_t j = 0; j < n; ++j)
      if (dominates(pool[at(i)], pool[at(j)])) {
        beats[at(i)].push_back(j);
        ++beaten[at(j)];
      }
  std::vector<std::vector<index_t>> fronts;
  for (;;) {
    std::vector<index_t> front;
    for (index_t i = 0; i < n; ++i)
      if (beaten[at(i)] == 0) front.push_back(i);
    if (front.empty()) return fronts;
    for (index_t const i : front) {
      beaten[at(i)] = -1;  // has its front
      for (index_t const j : beats[at(i)]) --beaten[at(j)];
    }
    fronts.push_back(std::move(front));
  }
}

// Crowding distance of each member of one front, in the order of `front`: per objective, normalized over the front, the
// distance between its two neighbors; infinite at the two extremes and in fronts of at most two different members.
template <class = void>
[[nodiscard]] std::vector<double> crowding_distance(std::span<contender const> pool, std::span<index_t const> front) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  auto const member = [&](index_t k) -> contender const& {
    return pool[static_cast<std::size_t>(front[static_cast<std::size_t>(k)])];
  };
  // Positions in `front` of all but copies. One front has one violation, so equal costs make a copy.
  std::vector<index_t> distinct;
  for (index_t const k : ascending(front.size(), [&](index_t a, index_t b) {
         contender const& x = member(a);
         contender const& y = member(b);
         if (x.cost != y.cost) return x.cost.cost < y.cost.cost;
         return x.id < y.id;
       }))
    if (distinct.empty() || member(distinct.back()).cost != member(k).cost) distinct.push_back(k);

  std::vector<double> distance(front.size(), 0);
  auto const n = distinct.size();
  if (n <= 2) {
    for (index_t const k : distinct) distance[static_cast<std::size_t>(k)] = infinity;
    return distance;
  }
  for (index_t m = 0; m < member(0).cost.size; ++m) {
    range r;
    for (index_t const k : distinct) r.include(member(k).cost[m]);
    index_t const* const position = distinct.data();
    auto const order = ascending(n, [&](index_t a, index_t b) {
      contender const &x = member(position[a]), &y = member(position[b]);
      return x.cost[m] != y.cost[m] ? x.cost[m] < y.cost[m] : x.id < y.id;
    });
    auto const at = [&](std::size_t k) { return position[order[k]]; };
    auto const value = [&](std::size_t k) { return r.normalize(member(at(k)).cost[m]); };
    if (value(0) == value(n - 1)) continue;
    distance[static_cast<std::size_t>(at(0))] = infinity;
    distance[static_cast<std::size_t>(at(n - 1))] = infinity;
    for (std::size_t k = 1; k + 1 < n; ++k) distance[static_cast<std::size_t>(at(k))] += value(k + 1) - value(k - 1);
  }
  return distance;
}

struct survivor {
  index_t index = 0;  // into the pool
  index_t front = 0;  // 0 is the best
  double crowding = 0;
};

// Environmental selection: the best n of the pool, best first by (front, crowding, id): the crowded-comparison order
// made total. Pre: distinct ids.
template <class = void>
[[nodiscard, gnu::cold]] std::vector<survivor> select(std::span<contender const> pool, index_t n) {
  std::vector<survivor> best;
  index_t rank = 0;
  for (auto const& front : non_dominated_sort(pool)) {
    if (static_cast<index_t>(best.size()) >= n) break;
    auto const distance = crowding_distance(pool, {front.data(), front.size()});
    index_t const* const member = front.data();
    double const* const crowding = distance.data();
    contender const* const all = pool.data();
    for (index_t const k : ascending(front.size(), [=](index_t a, index_t b) {
           return crowding[a] != crowding[b] ? crowding[a] > crowding[b] : all[member[a]].id < all[member[b]].id;
         }))
      best.push_back({member[k], rank, crowding[k]});
    ++rank;
  }
  if (static_cast<index_t>(best.size()) > n) best.resize(static_cast<std::size_t>(n));
  return best;
}

// Binary tournament among n survivors ordered best first: of two different ones the better. Pre: n > 0.
[[nodiscard]] constexpr index_t tournament(index_t n, random& r) {
  expects(n > 0, "search: a tournament needs a survivor");
  if (n == 1) return 0;
  index_t const a = r.index(n), b = r.index(n - 1);
  return std::min(a, b < a ? b : b + 1);
}

}  // namespace petra::search
