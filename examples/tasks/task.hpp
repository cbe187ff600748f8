// A task of `01_train --task NAME`: a data set, a model and how it is trained; and what came out, as a line and as JSON.
//
// Settings were chosen on a part of the training data that --validate holds out; the test part is looked at once, by the
// finished models, when --validate is not given.
#pragma once
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "petra/core/json.hpp"
#include "petra/data/aggregates.hpp"
#include "petra/data/split.hpp"
#include "petra/nn/fit.hpp"
#include "petra/nn/linear_baseline.hpp"
#include "petra/nn/metrics/bootstrap.hpp"
#include "petra/search/tbb_executor.hpp"

namespace tasks {

using petra::index_t;

struct options {
  std::string data;               // folder of all data sets
  int threads = 1;                // of one training
  std::optional<index_t> seeds;   // trainings, seeds 1, 2, ...; none: the task's own
  std::optional<index_t> epochs;  // none: the task's own
  std::string checkpoints;        // folder; "": none are kept
  bool validate = false;
};

// The row of a table.
struct row {
  std::string task{}, model{}, metric{};
  double value = 0;           // mean over the seeds
  double standard_error = 0;  // standard deviation over the seeds; with one seed that of the test set, by bootstrap
  index_t seeds = 0, epochs = 0;
  double seconds = 0;  // of one training
  int threads = 1;
  std::optional<double> linear_baseline{};
  std::optional<petra::metric::interval> gain{};  // over the linear baseline, paired, 95 %
};

struct task {
  char const* name;
  char const* text;
  row (*run)(options const&);
};

std::vector<task> picture_tasks();
std::vector<task> series_tasks();
std::vector<task> event_tasks();
std::vector<task> text_tasks();

// Trains make(seed) on `train` once a seed and judges it on `test`. Linear: sequences, which are also given to a linear model
// of their aggregates, trained here on the same part; the gain over it is that of the first seed.
template <bool Linear = false, class Set, class Make, class Loss, class Metric,
          class Augment = petra::nn::settings_augmentation>
row train_and_test(options const& o, row r, Set const& train, Set const& test, Make const& make, index_t seeds,
                   petra::nn::fit_settings s, Loss const& loss, Metric const& metric, Augment const& augment = {}) {
  using answer = petra::data::answer<Set>;
  petra::search::tbb_executor const pool(o.threads);
  s.workers = pool.lend();
  if (o.epochs) s.epochs = *o.epochs;
  r.metric = Metric::name;
  r.seeds = o.seeds.value_or(seeds);
  r.epochs = s.epochs;
  r.threads = o.threads;
  auto const answers = petra::nn::answers_of(test);
  std::span<answer const> const expected(answers);
  index_t const width = petra::data::outputs(test);
  std::vector<double> values;
  std::vector<float> first;
  for (index_t seed = 1; seed <= r.seeds; ++seed) {
    s.seed = static_cast<std::uint64_t>(seed);
    if (!o.checkpoints.empty())
      s.checkpoint =
          o.checkpoints + "/" + r.task + "-" + std::to_string(seed) + (o.validate ? "-v" : "") + ".safetensors";
    auto model = make(s.seed);
    auto const started = std::chrono::steady_clock::now();
    petra::nn::fit(model, train, nullptr, s, loss, petra::nn::progress_bar{}, metric, augment);
    r.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    auto outputs = petra::nn::predict(model, test, 128, s.workers);
    values.push_back(metric(std::span<float const>(outputs), expected, width));
    std::fprintf(stderr, "%s, seed %td: %s %.4f\n", r.task.c_str(), seed, Metric::name, values.back());
    if (first.empty()) first = std::move(outputs);
  }
  auto const n = static_cast<double>(values.size());
  r.seconds /= n;
  for (double const v : values) r.value += v / n;
  if (values.size() > 1) {
    for (double const v : values) r.standard_error += (v - r.value) * (v - r.value) / (n - 1);
    r.standard_error = std::sqrt(r.standard_error);
  } else {
    auto const i = petra::metric::bootstrap(metric, std::span<float const>(first), expected, width);
    r.standard_error = (i.high - i.low) / (2 * 1.96);
  }
  if constexpr (Linear) {
    petra::data::aggregates const plain(train), plain_test(test);
    auto baseline = petra::nn::fit_linear(plain, {.workers = s.workers});
    auto const outputs = petra::nn::predict(baseline, plain_test, 128, s.workers);
    r.linear_baseline = metric(std::span<float const>(outputs), expected, width);
    r.gain = petra::metric::bootstrap_difference(metric, std::span<float const>(first), std::span<float const>(outputs),
                                                 expected, width);
  }
  return r;
}

// `test`, or with --validate a fifth of the training part that is taken away from it.
template <class Set>
struct parts {
  Set train, test;
};
template <class Set>
parts<Set> chosen_parts(options const& o, Set train, Set test) {
  if (!o.validate) return {std::move(train), std::move(test)};
  auto cut = petra::data::split(train, 0.2, 7);
  return {std::move(cut.train), std::move(cut.valid)};
}

}  // namespace tasks
