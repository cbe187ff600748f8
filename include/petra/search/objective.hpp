// What a search minimizes: named costs read from the scores of a candidate, Pareto dominance, and ranges that make
// costs of different units comparable.
//
// Total for every double: a cost that is NaN or infinite counts as +infinity, the worst there is.
#pragma once
#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "petra/core/assert.hpp"
#include "petra/core/error.hpp"
#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::search {

// What is known about one lowered model. Everything but the quality is exact before any training.
struct scores {
  double quality = 0;      // on the validation part; higher is better: a metric of which less is better is negated
  double latency_ns = 0;   // batch 1, one core, summed from the cost table
  index_t size_bytes = 0;  // constants the emitted header carries
  index_t peak_activation_bytes = 0;
  index_t macs = 0;
  friend bool operator==(scores const&, scores const&) = default;
};

enum class objective : unsigned char { loss, latency_ns, size_bytes, peak_activation_bytes, macs };

inline constexpr std::array objective_names{std::string_view("loss"), std::string_view("latency_ns"),
                                            std::string_view("size_bytes"), std::string_view("peak_activation_bytes"),
                                            std::string_view("macs")};
inline constexpr index_t max_objectives = static_cast<index_t>(objective_names.size());

constexpr std::string_view name(objective o) noexcept { return objective_names[static_cast<std::size_t>(o)]; }

// Smaller is better. loss = 1 - quality.
constexpr double cost(scores const& s, objective o) noexcept {
  switch (o) {
    case objective::loss:
      return 1 - s.quality;
    case objective::latency_ns:
      return s.latency_ns;
    case objective::size_bytes:
      return static_cast<double>(s.size_bytes);
    case objective::peak_activation_bytes:
      return static_cast<double>(s.peak_activation_bytes);
    case objective::macs:
      return static_cast<double>(s.macs);
  }
  return std::numeric_limits<double>::infinity();
}

// Costs of one candidate in the objectives that take part, in their order. No heap: a population is one array.
struct point {
  std::array<double, static_cast<std::size_t>(max_objectives)> cost{};
  index_t size = 0;

  constexpr point() = default;
  // Pre: at most max_objectives costs. Non-finite ones become +infinity.
  constexpr point(std::initializer_list<double> costs) {
    for (double const c : costs) push(c);
  }
  constexpr void push(double c) {
    expects(size < max_objectives, "search: a point has at most max_objectives costs");
    constexpr double most = std::numeric_limits<double>::max();
    cost[static_cast<std::size_t>(size++)] = c >= -most && c <= most ? c : std::numeric_limits<double>::infinity();
  }
  [[nodiscard]] constexpr double operator[](index_t i) const { return cost[static_cast<std::size_t>(i)]; }
  friend constexpr bool operator==(point const&, point const&) = default;
};

constexpr point to_point(scores const& s, std::span<objective const> which) {
  point p;
  for (objective const o : which) p.push(cost(s, o));
  return p;
}

[[nodiscard]] constexpr bool is_finite(point const& p) {
  for (index_t i = 0; i < p.size; ++i)
    if (p[i] > std::numeric_limits<double>::max()) return false;
  return true;
}

// a is nowhere worse than b and somewhere better. Pre: the same objectives.
[[nodiscard]] constexpr bool dominates(point const& a, point const& b) {
  expects(a.size == b.size, "search: only points of the same objectives compare");
  bool better = false;
  for (index_t i = 0; i < a.size; ++i) {
    if (a[i] > b[i]) return false;
    better |= a[i] < b[i];
  }
  return better;
}

// Smallest and largest finite value of one objective. Starts empty.
struct range {
  double lo = std::numeric_limits<double>::infinity();
  double hi = -std::numeric_limits<double>::infinity();

  constexpr void include(double v) {
    if (v > std::numeric_limits<double>::max()) return;
    lo = std::min(lo, v);
    hi = std::max(hi, v);
  }
  // [lo, hi] -> [0, 1]; a range without width maps to 0, an infinite value to 1. Halves: hi - lo itself may overflow.
  [[nodiscard]] constexpr double normalize(double v) const {
    if (v > std::numeric_limits<double>::max()) return 1;
    double const width = hi / 2 - lo / 2;
    return width > 0 ? (v / 2 - lo / 2) / width : 0;
  }
};

// One range per objective. Cost: O(points x objectives).
[[nodiscard]] constexpr std::array<range, static_cast<std::size_t>(max_objectives)> ranges(
    std::span<point const> points) {
  std::array<range, static_cast<std::size_t>(max_objectives)> r{};
  for (point const& p : points)
    for (index_t i = 0; i < p.size; ++i) r[static_cast<std::size_t>(i)].include(p[i]);
  return r;
}

// Throws: setting_error when no objective or one objective twice takes part.
inline void check(std::span<objective const> which) {
  if (which.empty()) throw setting_error("search: expected at least one objective, found none");
  for (std::size_t i = 0; i < which.size(); ++i)
    if (std::find(which.begin(), which.begin() + static_cast<index_t>(i), which[i]) !=
        which.begin() + static_cast<index_t>(i))
      throw_error<setting_error>({"search: expected distinct objectives, found ", name(which[i]), " twice"});
}

}  // namespace petra::search
