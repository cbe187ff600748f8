// What the script of front.html draws: one JSON object with every text already formatted, so that the page and the
// terminal say the same and the script knows no units.
//
//   {"percent", "higher", "quality": label, "range": [lowest, highest], "charts": [{"id", "label", "describe"}, ...],
//    "points": [{"id", "kind", "member", "x": [latency, size], "y", "title", "pipeline", "spoken", "note", "facts":
//    [...]}]}
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "petra/core/config.hpp"
#include "petra/core/json.hpp"
#include "petra/report/facts.hpp"
#include "petra/report/format.hpp"
#include "petra/report/front.hpp"
#include "petra/report/front_json.hpp"
#include "petra/report/points.hpp"

namespace petra::inline PETRA_ABI::report {

// "-75.1 %" with a minus sign, "80.1 us" with the Greek letter.
template <class = void>
[[gnu::cold]] std::string typeset(std::string s) {
  if (!s.empty() && s.front() == '-') s.replace(0, 1, "\xe2\x88\x92");
  if (s.ends_with(" us")) s.replace(s.size() - 2, 1, "\xc2\xb5");
  return s;
}

// The facts as the page shows them.
template <class = void>
[[gnu::cold]] facts typeset_facts(front_report const& r, candidate const& c) {
  facts f = facts_of(r, c);
  for (fact* const x : f.all()) {
    x->value = typeset(std::move(x->value));
    x->change = typeset(std::move(x->change));
  }
  return f;
}

// The unit in which the typical one of `amounts` has one to three digits before the point.
struct axis_unit {
  double size = 1;
  std::string_view name;
};
template <class = void>
[[gnu::cold]] axis_unit unit_for(std::vector<double> amounts, std::array<std::string_view, 4> const& names) {
  std::erase_if(amounts, [](double x) { return !(x > 0) || !std::isfinite(x); });
  double middle = 1;
  if (!amounts.empty()) {
    auto const [lo, hi] = std::minmax_element(amounts.begin(), amounts.end());
    middle = std::sqrt(*lo) * std::sqrt(*hi);
  }
  axis_unit unit{1, names[0]};
  for (std::size_t i = 1; i < names.size() && middle >= unit.size * 1000; ++i) unit = {unit.size * 1000, names[i]};
  return unit;
}

template <class = void>
[[gnu::cold]] json point_data(front_report const& r, candidate const& c, axis_unit time, axis_unit bytes) {
  auto const at = [](double x, axis_unit u) { return x > 0 && std::isfinite(x) ? json(x / u.size) : json(); };
  std::string_view const kind = kind_of(r, c);
  std::string title = concat({"Model ", c.id});
  if (kind == "chosen") title += ", chosen";
  if (kind == "front") title += ", on the front";
  if (kind == "baseline") title = "Baseline";
  json rows = json::array{};
  facts f = typeset_facts(r, c);
  std::string spoken = concat({title, ":"});
  for (fact const* row : f.all()) {
    if (row->value.empty()) continue;
    rows.push_back(json::array{row->name, row->value, row->change, row->better});
    if (row == &f.quality || row == &f.latency || row == &f.size)
      append(spoken, {" ", row->name, " ", row->value, ","});
  }
  append(spoken, {" ", c.pipeline});
  json p;
  put(p, "id", c.id);
  put(p, "kind", kind);
  // A baseline that nothing dominates is drawn as the baseline and still is a step of the front.
  put(p, "member", std::any_of(r.front.begin(), r.front.end(), [&](candidate const& m) { return m.id == c.id; }));
  p["x"] = json::array{at(latency_ns(c), time), at(static_cast<double>(c.size_bytes), bytes)};
  put(p, "y", shown_quality(r, c));
  put(p, "title", title);
  put(p, "pipeline", c.pipeline);
  put(p, "spoken", spoken);
  put(p, "note",
      c.flagged && c.latency_p50_ns
          ? concat({"The cost table said ", typeset(time_text(c.latency_cost_ns)), ": more than 15 % off."})
          : std::string());
  p["facts"] = std::move(rows);
  return p;
}

template <class = void>
[[gnu::cold]] json chart_data(front_report const& r) {
  auto const all = everybody(r);
  std::vector<double> times, sizes;
  for (candidate const* c : all) {
    times.push_back(latency_ns(*c));
    sizes.push_back(static_cast<double>(c->size_bytes));
  }
  axis_unit const time = unit_for(times, {"ns", "\xc2\xb5s", "ms", "s"}),
                  bytes = unit_for(sizes, {"B", "kB", "MB", "GB"});
  json points = json::array{};
  for (candidate const* c : all)
    if (std::isfinite(c->quality)) points.push_back(point_data(r, *c, time, bytes));
  auto const chart = [&](std::string_view id, axis_unit unit, char const* how) {
    json j;
    put(j, "id", id);
    put(j, "label", concat({id, " in ", unit.name, how}));
    put(j, "describe",
        concat({"Chart: ", r.metric, " over ", id, " of ", points.as_array().size(),
                " models. Arrow keys move from model to model."}));
    return j;
  };
  json j;
  put(j, "percent", in_percent(r));
  put(j, "higher", r.higher_is_better);
  put(j, "quality",
      concat({r.metric, in_percent(r) ? " in %" : "", ", validation", r.higher_is_better ? "" : " (lower is better)"}));
  auto const [lowest, highest] = quality_range(r);
  j["range"] = json::array{lowest, highest};
  j["charts"] = json::array{chart("latency", time, ", batch 1, one core"), chart("size", bytes, "")};
  j["points"] = std::move(points);
  return j;
}

}  // namespace petra::inline PETRA_ABI::report
