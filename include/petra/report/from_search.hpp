// A finished search as a front report, and the last measurements: every member of the front end to end, alone on the
// machine, interleaved with the baseline.
#pragma once
#include <algorithm>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "petra/core/text.hpp"
#include "petra/core/version.hpp"
#include "petra/deploy/measure.hpp"
#include "petra/report/front.hpp"
#include "petra/search/engine.hpp"

namespace petra::inline PETRA_ABI::report {

// The processor as the system names it and the number of threads it runs: "AMD EPYC, 2 threads".
template <class = void>
[[gnu::cold]] std::string hardware() {
  std::string name = "unknown processor";
  if (std::FILE* const f = std::fopen("/proc/cpuinfo", "r")) {
    char line[256];
    while (std::fgets(line, sizeof line, f) != nullptr)
      if (std::string_view const text = line; text.starts_with("model name")) {
        auto const at = text.find(": ");
        if (at != text.npos) name = text.substr(at + 2, text.find('\n') - at - 2);
        break;
      }
    std::fclose(f);
  }
  return concat({name, ", ", std::thread::hardware_concurrency(), " threads"});
}

// What the quality of a search is: a metric's name, and whether more of it is better (metric::accuracy::name, ...).
struct judged_by {
  std::string metric = "accuracy";
  bool higher_is_better = true;
};

// One evaluated candidate; what was not measured is absent.
template <class = void>
[[gnu::cold]] candidate to_candidate(std::int64_t id, std::string const& genome, search::evaluation const& e,
                                     bool higher_is_better = true) {
  candidate c;
  c.id = id;
  c.genome = genome;
  c.pipeline = e.pipeline.empty() ? genome : e.pipeline;
  c.quality = higher_is_better ? e.scores.quality : -e.scores.quality;
  c.latency_cost_ns = e.scores.latency_ns;
  c.size_bytes = e.scores.size_bytes;
  c.peak_activation_bytes = e.scores.peak_activation_bytes;
  c.macs = e.scores.macs;
  return c;
}

// Fills evaluated, front, failed and the counts; baseline, measurements and the description of the machine are the caller's.
template <search::search_space S>
[[gnu::cold]] front_report to_report(search::outcome<S> const& o, std::uint64_t seed, int threads,
                                     judged_by const& quality = {}) {
  front_report r;
  r.petra_version = version;
  r.seed = seed;
  r.threads = threads;
  r.evaluations = static_cast<index_t>(o.evaluated.size());
  r.seconds = o.seconds;
  r.metric = quality.metric;
  r.higher_is_better = quality.higher_is_better;
  for (auto const& c : o.evaluated) {
    if (!c.result.feasible) {
      r.failed.push_back({c.text, c.result.why});
      continue;
    }
    r.evaluated.push_back(to_candidate(c.id, c.text, c.result, quality.higher_is_better));
    if (std::binary_search(o.front.begin(), o.front.end(), c.id)) r.front.push_back(r.evaluated.back());
  }
  return r;
}

struct final_measurement {
  double latency_seconds = 0.2;  // per model
  deploy::throughput_settings throughput{};
};

// who[i]: the candidate of program what[i]. They take turns.
template <class = void>
[[gnu::cold]] void measure_throughput(std::span<candidate* const> who, std::span<deploy::program const* const> what,
                                      deploy::throughput_settings const& settings) {
  auto const t = deploy::measure_throughput(what, settings);
  for (std::size_t i = 0; i < who.size(); ++i) {
    who[i]->throughput_per_s = t[i].per_s;
    who[i]->throughput_spread_per_s = t[i].spread_per_s;
  }
}

// Latency of the baseline and the front in one interleaved run, then throughput in another. `programs` in the order of
// r.front. A model that is more than 15 % off its cost table is flagged.
template <class = void>
[[gnu::cold]] void measure_front(front_report& r, deploy::program const& baseline,
                                 std::span<std::shared_ptr<deploy::program const> const> programs,
                                 final_measurement const& m) {
  std::vector<candidate*> who{&r.baseline};
  std::vector<deploy::program const*> what{&baseline};
  for (std::size_t i = 0; i < programs.size(); ++i) {
    who.push_back(&r.front[i]);
    what.push_back(programs[i].get());
  }
  auto const latency = deploy::measure_latency({what.data(), what.size()},
                                               {.seconds = m.latency_seconds * static_cast<double>(what.size())});
  for (std::size_t i = 0; i < who.size(); ++i) {
    who[i]->latency_p50_ns = latency[i].p50_ns;
    who[i]->latency_p99_ns = latency[i].p99_ns;
    who[i]->latency_spread_ns = latency[i].spread_ns;
    who[i]->flagged = differs_from_table(*who[i]);
  }
  measure_throughput({who.data(), who.size()}, {what.data(), what.size()}, m.throughput);
}

// The member of the front with the smallest size x latency among those that lose at most max_loss against the baseline
// on the validation data, in the unit of the metric; null when there is none.
template <class = void>
[[gnu::cold]] candidate const* choose(front_report const& r, double max_loss) {
  // 0.2 - 0.05 is above 0.15 in binary: forgive what is less than a sample in 10^8.
  double const most = max_loss + 5e-9;
  auto const loss = [&](candidate const& c) {
    return r.higher_is_better ? r.baseline.quality - c.quality : c.quality - r.baseline.quality;
  };
  candidate const* best = nullptr;
  auto product = [](candidate const& c) { return static_cast<double>(c.size_bytes) * latency_ns(c); };
  for (candidate const& c : r.front)
    if (loss(c) <= most && (best == nullptr || product(c) < product(*best))) best = &c;
  return best;
}

}  // namespace petra::report
