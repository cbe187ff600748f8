// What a finished search found: plain data, the same in the terminal table, front.json and front.html.
//
// The fields and their units are those of docs/front_json.md. What was not measured is absent, never zero. Every member
// has an initializer, so that designated initializers may name a few of them without a warning.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "petra/core/config.hpp"
#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::report {

// One evaluated model. The spread of the latency is its interquartile range, that of the throughput the largest minus
// the smallest repeat: five repeats have no quartiles worth the name.
struct candidate {
  std::int64_t id = 0;
  std::string pipeline = {};  // the C++ expression that reproduces the model
  std::string genome = {};
  double quality = 0;  // on validation data, in the unit of front_report::metric
  std::optional<double> quality_test = {};
  double latency_cost_ns = 0;  // batch 1, one core; summed from the cost table
  std::optional<double> latency_p50_ns = {}, latency_p99_ns = {}, latency_spread_ns = {};
  std::optional<double> emitted_latency_p50_ns = {};
  std::optional<double> throughput_per_s = {}, throughput_spread_per_s = {};  // batch 64, all cores
  index_t size_bytes = 0;
  index_t peak_activation_bytes = 0;
  index_t macs = 0;
  bool flagged = false;  // see differs_from_table

  friend bool operator==(candidate const&, candidate const&) = default;
};

// A pipeline that was tried and gave no model.
struct failure {
  std::string pipeline = {}, why = {};
  friend bool operator==(failure const&, failure const&) = default;
};

struct front_report {
  std::string petra_version = {};
  std::uint64_t seed = 0;
  int threads = 1;
  index_t evaluations = 0;
  double seconds = 0;
  std::string metric = {};  // an "accuracy" is a fraction and shown in percent; any other metric is shown as it is
  bool higher_is_better = true;
  std::string hardware = {}, flags = {};
  candidate baseline = {};
  std::optional<std::int64_t> chosen = {};  // id of the member of the front that became model.hpp
  std::vector<candidate> front = {}, evaluated = {};
  std::vector<failure> failed = {};

  friend bool operator==(front_report const&, front_report const&) = default;
};

// The latency to show: measured where it was measured, the cost table's otherwise.
inline double latency_ns(candidate const& c) { return c.latency_p50_ns.value_or(c.latency_cost_ns); }

// The measured median lies more than 15 % off the cost table that selection used: the table no longer fits the machine.
template <class = void>
[[gnu::cold]] bool differs_from_table(candidate const& c) {
  if (!c.latency_p50_ns) return false;
  double const off = *c.latency_p50_ns - c.latency_cost_ns;
  return (off < 0 ? -off : off) > 0.15 * c.latency_cost_ns;
}

// The member of the front that was chosen; null pointer if none was.
template <class = void>
[[gnu::cold]] candidate const* chosen_model(front_report const& r) {
  for (candidate const& c : r.front)
    if (r.chosen && c.id == *r.chosen) return &c;
  return nullptr;
}

}  // namespace petra::inline PETRA_ABI::report
