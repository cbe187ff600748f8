// front.json and journal.jsonl of a run, read and checked as far as any run must keep to.
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "petra/core/file.hpp"
#include "petra/report/front_json.hpp"
#include "petra/search/journal.hpp"

namespace petra_test {

// Of all training stages of a pipeline together; a stage that does not say has `standard` ones.
inline petra::index_t epochs_of(std::string const& pipeline) {
  petra::index_t sum = 0;
  for (auto const& [stage, standard] : {std::pair<std::string, int>{"petra::train{", 10}, {"petra::finetune{", 2}})
    for (std::size_t at = pipeline.find(stage); at != pipeline.npos; at = pipeline.find(stage, at + 1)) {
      std::string const settings = pipeline.substr(at, pipeline.find('}', at) - at);
      std::size_t const said = settings.find(".epochs = ");
      sum += said == settings.npos ? standard : std::stol(settings.substr(said + 10));
    }
  return sum;
}

// Every key of docs/front_json.md is there; reading checks the kinds. metric: an error's less is better.
inline petra::report::front_report read_report(std::string const& out, std::string const& metric = "accuracy",
                                               bool higher_is_better = true) {
  using petra::json;
  json const j = json::parse(petra::read_file(out + "/front.json"), "front.json");
  for (char const* const key :
       {"petra_version", "seed", "threads", "evaluations", "seconds", "metric", "higher_is_better", "hardware", "flags",
        "baseline", "chosen", "front", "evaluated", "failed"})
    CHECK_MESSAGE(j.find(key) != nullptr, "front.json: no " << key);
  for (char const* const key :
       {"id", "pipeline", "genome", "quality", "quality_test", "latency_cost_ns", "latency_p50_ns", "latency_p99_ns",
        "latency_spread_ns", "emitted_latency_p50_ns", "throughput_per_s", "throughput_spread_per_s", "size_bytes",
        "peak_activation_bytes", "macs", "flagged"}) {
    CHECK_MESSAGE(j.at("baseline").find(key) != nullptr, "baseline: no " << key);
    for (char const* const list : {"front", "evaluated"})
      for (json const& c : j.at(list).as_array(list)) CHECK_MESSAGE(c.find(key) != nullptr, list << ": no " << key);
  }
  auto const r = petra::report::from_json(j);

  CHECK(r.metric == metric);
  CHECK(r.higher_is_better == higher_is_better);
  CHECK(static_cast<petra::index_t>(r.evaluated.size() + r.failed.size()) == r.evaluations);
  CHECK(r.seconds > 0);
  std::set<std::int64_t> evaluated;
  for (auto const& c : r.evaluated) {
    evaluated.insert(c.id);
    CHECK((c.quality >= 0 && (c.quality <= 1 || !higher_is_better)));
    CHECK_FALSE(c.latency_p50_ns);
    CHECK_FALSE(c.quality_test);
    CHECK(epochs_of(c.pipeline) <= epochs_of(r.baseline.pipeline));
  }
  std::vector<petra::report::candidate> measured = r.front;
  measured.push_back(r.baseline);
  for (auto const& c : measured) {
    CHECK(c.quality_test);
    CHECK(c.latency_p50_ns.value_or(0) > 0);
    CHECK(c.latency_p99_ns.value_or(0) >= c.latency_p50_ns.value_or(1));
    CHECK(c.throughput_per_s.value_or(0) > 0);
    CHECK((c.size_bytes > 0 && c.peak_activation_bytes > 0 && c.macs > 0));
    CHECK(c.flagged == petra::report::differs_from_table(c));
  }
  for (auto const& c : r.front) {
    CHECK(evaluated.contains(c.id));
    for (auto const& other : r.evaluated) {
      double const gain = higher_is_better ? other.quality - c.quality : c.quality - other.quality;
      CHECK_FALSE((gain >= 0 && other.latency_cost_ns <= c.latency_cost_ns && other.size_bytes <= c.size_bytes &&
                   (gain > 0 || other.latency_cost_ns < c.latency_cost_ns || other.size_bytes < c.size_bytes)));
    }
  }
  for (auto const& c : r.evaluated) CHECK(c.emitted_latency_p50_ns.has_value() == false);
  for (auto const& f : r.failed) CHECK((!f.pipeline.empty() && !f.why.empty()));

  auto const journal = petra::search::read_journal(out + "/journal.jsonl");
  CHECK_FALSE(journal.torn);
  CHECK(journal.header.seed == r.seed);
  CHECK(static_cast<petra::index_t>(journal.entries.size()) == r.evaluations);
  return r;
}

// What does not depend on the clock: everything that was found, nothing that was measured.
inline std::string found(petra::report::front_report r) {
  r.seconds = 0;
  r.threads = 1;
  r.chosen = {};  // by the measured latency
  auto const forget = [](petra::report::candidate& c) {
    c.latency_p50_ns = c.latency_p99_ns = c.latency_spread_ns = c.emitted_latency_p50_ns = {};
    c.throughput_per_s = c.throughput_spread_per_s = {};
    c.flagged = false;
  };
  forget(r.baseline);
  for (auto& c : r.front) forget(c);
  return petra::report::to_json(r).dump(1);
}

}  // namespace petra_test
