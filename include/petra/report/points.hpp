// Which candidates a chart draws, how, and over which range of quality: the same for front.html and the terminal.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "petra/core/config.hpp"
#include "petra/core/order.hpp"
#include "petra/report/format.hpp"
#include "petra/report/front.hpp"

namespace petra::inline PETRA_ABI::report {

// How a candidate is drawn: "chosen", "baseline", "front" or "other".
template <class = void>
[[gnu::cold]] char const* kind_of(front_report const& r, candidate const& c) {
  if (r.chosen && c.id == *r.chosen) return "chosen";
  if (c.id == r.baseline.id) return "baseline";
  bool const member = std::any_of(r.front.begin(), r.front.end(), [&](candidate const& f) { return f.id == c.id; });
  return member ? "front" : "other";
}

// Everybody once, by id: the baseline, the front, then who was evaluated and is neither (as they hold fewer
// measurements).
template <class = void>
[[gnu::cold]] std::vector<candidate const*> everybody(front_report const& r) {
  std::vector<candidate const*> all;
  auto const add = [&](candidate const& c) {
    auto const at = std::lower_bound(all.begin(), all.end(), c.id, [](auto const* a, auto id) { return a->id < id; });
    if (at == all.end() || (*at)->id != c.id) all.insert(at, &c);
  };
  add(r.baseline);
  for (candidate const& c : r.front) add(c);
  for (candidate const& c : r.evaluated) add(c);
  return all;
}

// As printed: in percent where the metric is an accuracy.
template <class = void>
[[gnu::cold]] double shown_quality(front_report const& r, candidate const& c) {
  return in_percent(r) ? 100 * c.quality : c.quality;
}

// The range of shown quality to draw, with a margin: everything but what lies three interquartile ranges outside the
// front, baseline and chosen model always. One model at chance must not press all others into a line; it is drawn at
// the edge.
template <class = void>
[[gnu::cold]] std::pair<double, double> quality_range(front_report const& r) {
  std::vector<double> main, all;
  double least = shown_quality(r, r.baseline), most = least;  // of those that must be inside
  for (candidate const* c : everybody(r)) {
    double const q = shown_quality(r, *c);
    if (!std::isfinite(q)) continue;
    std::string_view const kind = kind_of(r, *c);
    all.push_back(q);
    if (kind != "other") main.push_back(q);
    if (kind == "chosen") least = std::min(least, q), most = std::max(most, q);
  }
  if (main.empty()) return {0, 1};
  auto const order = ascending(main);
  auto const at = [&](double part) {
    auto const i = static_cast<std::size_t>(std::lround(part * static_cast<double>(main.size() - 1)));
    return main[static_cast<std::size_t>(order[i])];
  };
  double const smallest = in_percent(r) ? 0.5 : std::max(1e-3 * std::abs(at(0.5)), 1e-9);
  double const reach = 3 * std::max(at(0.75) - at(0.25), smallest);
  double const lowest = std::min(least, at(0.25) - reach), highest = std::max(most, at(0.75) + reach);
  std::erase_if(all, [&](double q) { return q < lowest || q > highest; });
  auto const [lo, hi] = std::minmax_element(all.begin(), all.end());
  double const margin = (*hi > *lo ? *hi - *lo : reach) * 0.07;
  return {*lo - margin, *hi + margin};
}

}  // namespace petra::inline PETRA_ABI::report
