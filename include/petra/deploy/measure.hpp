// Latency and throughput of whole programs, end to end.
//
// Latency: batch 1, one core, every inference timed, after warm-up. Programs take turns in short blocks, so drift of
// the clock and neighbors on the machine hit all of them alike: compare programs of one call only. The clock's own cost
// is subtracted.
// Throughput: samples per second when `threads` threads share batches of `batch` samples, each an equal part of every batch;
// the median of `repeats` runs. Programs take turns here, too. No thread waits for the others: a wait takes a microsecond,
// and milliseconds where another job uses the core meanwhile, which would be all that is measured of a small model.
// Both run on invented inputs: the time of these kernels does not depend on values; a sequence is as long as it can be.
//
// Throws: setting_error for settings out of range.
#pragma once
#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "petra/deploy/execute.hpp"
#include "petra/deploy/invented_inputs.hpp"
#include "petra/deploy/stopwatch.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct latency_settings {
  double seconds = 1;   // for all programs together
  index_t rounds = 40;  // turns of each program
};

struct latency_stats {
  double p50_ns = 0, p99_ns = 0;
  double spread_ns = 0;  // between the first and the third quartile
  index_t count = 0;     // inferences timed
};

// latency_stats[i]: of programs[i].
template <class = void>  // here and below: the kernels are compiled where something is measured
[[nodiscard]] std::vector<latency_stats> measure_latency(std::span<program const* const> programs,
                                                         latency_settings const& settings = {}) {
  if (!(settings.seconds > 0) || settings.rounds < 1)
    throw_error<setting_error>(
        {"measure_latency: seconds and rounds must be positive, found ", settings.seconds, " and ", settings.rounds});
  struct runner {
    session model;
    std::vector<float> x, logits;
    std::vector<double> ns;
    index_t block = 1;
    void operator()() noexcept { model.run(x.data(), logits.data()); }
  };
  pinned const core;
  double const clock_ns = clock_cost_ns();
  double const block_ns =
      settings.seconds * 1e9 /
      static_cast<double>(settings.rounds * std::max<index_t>(1, static_cast<index_t>(programs.size())));
  std::vector<runner> runners;
  for (program const* p : programs) {
    runners.push_back(
        {session(*p), invented_inputs(*p, 1), std::vector<float>(static_cast<std::size_t>(p->output_size())), {}, 1});
    runners.back().block = std::max<index_t>(3, calls_for(block_ns, runners.back()));
    runners.back().ns.reserve(static_cast<std::size_t>(runners.back().block * settings.rounds));
  }
  for (index_t round = 0; round < settings.rounds; ++round)
    for (runner& r : runners) {
      r();  // its weights and arena are back in the cache
      for (index_t i = 0; i < r.block; ++i) {
        auto const start = monotonic::now();
        r();
        keep_order();
        r.ns.push_back(std::max(0., ns_between(start, monotonic::now()) - clock_ns));
      }
    }
  std::vector<latency_stats> stats;
  for (runner& r : runners)
    stats.push_back({quantile(r.ns, 0.5), quantile(r.ns, 0.99), quantile(r.ns, 0.75) - quantile(r.ns, 0.25),
                     static_cast<index_t>(r.ns.size())});
  return stats;
}

template <class = void>
[[nodiscard]] latency_stats measure_latency(program const& p, latency_settings const& settings = {}) {
  program const* const one = &p;
  return measure_latency({&one, 1}, settings).front();
}

struct throughput_settings {
  index_t batch = 64, threads = 0;  // 0: as many as the machine has
  double seconds = 1;               // of each repeat
  index_t repeats = 5;
};

struct throughput_stats {
  double per_s = 0;         // samples per second, the median
  double spread_per_s = 0;  // largest - smallest repeat
};

namespace detail {

// One program, the threads' sessions, and a batch. Pre: no more threads than samples.
template <class = void>
class throughput_runner {
 public:
  throughput_runner(program const& p, throughput_settings const& s)
      : seconds_(s.seconds),
        batch_(s.batch),
        sessions_(static_cast<std::size_t>(s.threads), session(p)),
        x_(invented_inputs(p, s.batch)),
        logits_(static_cast<std::size_t>(s.batch * p.output_size())) {}

  // Samples per second of one run, after a tenth of its time to warm up.
  [[nodiscard]] double operator()() {
    std::vector<double> per_s(sessions_.size());
    std::vector<std::thread> others;
    auto const join = [&] {
      for (std::thread& t : others) t.join();
    };
    try {
      for (std::size_t t = 1; t < per_s.size(); ++t) others.emplace_back([this, &per_s, t] { per_s[t] = run_part(t); });
    } catch (...) {  // no more threads to be had
      join();
      throw;
    }
    per_s[0] = run_part(0);
    join();
    return std::accumulate(per_s.begin(), per_s.end(), 0.);
  }

 private:
  // What thread t does in its part of the batch, again and again.
  [[nodiscard]] double run_part(std::size_t t) noexcept {
    session& s = sessions_[t];
    auto const threads = static_cast<index_t>(sessions_.size()), at = static_cast<index_t>(t);
    index_t const first = batch_ * at / threads, count = batch_ * (at + 1) / threads - first;
    auto const run_for = [&](double seconds) {
      auto const start = monotonic::now();
      double passed = 0;
      for (index_t samples = count;; samples += count) {
        run_batch(s, x_.data() + first * s.model().input_size(), count,
                  logits_.data() + first * s.model().output_size());
        passed = ns_between(start, monotonic::now()) * 1e-9;
        if (passed >= seconds) return static_cast<double>(samples) / passed;
      }
    };
    run_for(seconds_ / 10);
    return run_for(seconds_);
  }

  double seconds_;
  index_t batch_;
  std::vector<session> sessions_;
  std::vector<float> x_, logits_;
};

}  // namespace detail

// throughput_stats[i]: of programs[i].
template <class = void>
[[nodiscard]] std::vector<throughput_stats> measure_throughput(std::span<program const* const> programs,
                                                               throughput_settings settings = {}) {
  if (settings.threads == 0) settings.threads = std::max<index_t>(1, std::thread::hardware_concurrency());
  if (settings.batch < 1 || settings.threads < 1 || !(settings.seconds > 0) || settings.repeats < 1)
    throw setting_error("measure_throughput: batch, threads, seconds and repeats must be positive");
  settings.threads = std::min(settings.threads, settings.batch);
  std::vector<detail::throughput_runner<>> runners;
  for (program const* p : programs) runners.emplace_back(*p, settings);
  std::vector<std::vector<double>> per_s(runners.size());
  for (index_t repeat = 0; repeat < settings.repeats; ++repeat)
    for (std::size_t i = 0; i < runners.size(); ++i) per_s[i].push_back(runners[i]());
  std::vector<throughput_stats> stats;
  for (auto const& p : per_s) stats.push_back({quantile(p, 0.5), quantile(p, 1) - quantile(p, 0)});
  return stats;
}

template <class = void>
[[nodiscard]] throughput_stats measure_throughput(program const& p, throughput_settings const& settings = {}) {
  program const* const one = &p;
  return measure_throughput({&one, 1}, settings).front();
}

}  // namespace petra::deploy
