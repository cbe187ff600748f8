// A run of the main job, the same for every domain: costs → baseline → search → front → header.
#pragma once
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>

#include "allowed_loss.hpp"
#include "compiled_once.hpp"
#include "costs.hpp"
#include "domain.hpp"
#include "finish.hpp"

// The kernels of programs, and how these are made of graphs, are compiled once: in finish.cpp.
extern template void petra::deploy::run<void>(petra::deploy::step const&, float const*, float*, std::byte*) noexcept;
extern template petra::deploy::program petra::deploy::compile<void>(petra::deploy::graph,
                                                                    petra::deploy::lower_settings const&);

namespace job {

using namespace petra;

// "28x28x1"
[[gnu::cold]] inline std::string extents(shape const& s) {
  std::string text;
  for (index_t i = 0; i < s.rank; ++i) append(text, {i == 0 ? "" : "x", s[static_cast<int>(i)]});
  return text;
}

// The epochs of the baseline: fewer in a run shorter than usual.
inline index_t baseline_epochs(index_t usual, double share_of_time) {
  return std::max<index_t>(4, static_cast<index_t>(static_cast<double>(usual) * std::min(1.0, share_of_time)));
}

template <class Domain>
[[gnu::cold]] int run(options const& o, Domain& d) {
  using stages = typename Domain::stages;
  using set = decltype(d.train);
  auto const started = clock_type::now();
  double const budget = o.seconds.value_or(d.usual_seconds);
  bool const timed = o.seconds || !o.evaluations;
  search::stop_flag stop;
  search::interrupt_guard const ctrl_c(stop);
  if (d.train.size() < d.training.batch || d.valid.size() < 1)
    throw_error<setting_error>(
        {d.name, ": expected at least ",
         static_cast<index_t>(std::ceil(static_cast<double>(d.training.batch) / (1 - d.held_out))), " training ",
         d.samples, " (a batch of ", d.training.batch, " and a validation part), found ",
         d.train.size() + d.valid.size()});
  report::judged_by const judge{d.metric_name, decltype(d.metric)::higher_is_better};
  report::front_report shown;  // how numbers are printed
  shown.metric = judge.metric, shown.higher_is_better = judge.higher_is_better;
  check_max_loss(o, shown);
  results_folder results(o.out, {.seed = o.seed, .data_hash = data::dataset_hash(d.train), .space = d.network});
  auto const input = d.train.sample_shape();
  std::printf("petra %s: %s, %td training, %td validation, %td test %s of %s, %td %s\n", version, d.name.c_str(),
              d.train.size(), d.valid.size(), d.test.size(), d.samples.c_str(), extents(input).c_str(),
              data::outputs(d.train), data::labeled<set> ? "classes" : "numbers to predict");

  // The baseline gets as many epochs as any candidate may have in all; what candidates share is trained beside it, and a
  // third of the epochs is left to recover from what compression takes.
  index_t const epochs = o.epochs.value_or(baseline_epochs(d.usual_epochs, budget / d.usual_seconds));
  train shared = d.training, whole = d.training;
  finetune recover = d.recovery;
  recover.epochs = epochs / 3;
  shared.epochs = epochs - recover.epochs;
  whole.epochs = epochs;
  auto const starts = d.starts(whole, shared, recover);
  typename Domain::genome standard{d.recovery};
  if (d.training != train{}) standard.push_back(shared);
  stages const space(starts, epochs, standard, d.bounds);
  search::limits bounds;
  bounds.size_bytes = o.max_bytes;
  if (o.max_latency_us) bounds.latency_ns = *o.max_latency_us * 1000;
  context<set> const base{.train = &d.train, .valid = &d.valid, .seed = o.seed, .augmentation = d.augmentation};
  deploy::cost_table costs;
  search::model_evaluator<stages, decltype(d.model), set, decltype(d.metric)> const evaluate(d.model, base, costs,
                                                                                             bounds, d.metric);
  {  // Costs first: the machine is idle now.
    std::vector<deploy::program> open, others;
    open.push_back(evaluate.untrained({whole}));
    open.push_back(evaluate.untrained({whole, quantize::affine<8>{}}));
    for (auto const& g : starts) try {
        others.push_back(evaluate.untrained(g));
      } catch (stage_error const&) {  // factors of fresh weights save nothing
      }
    costs = job::costs(o.costs.empty() ? results.path() + "/costs.json" : o.costs, open, others);
  }
  // A fifth of the time, 8 to 60 s, is for the final measurements and the check of the header.
  double const reserved = std::clamp(budget / 5, std::min(8.0, budget / 2), 60.0);
  auto time_left = [&] { return budget - reserved - seconds_since(started); };

  typename stages::genome const baseline_genome{whole};
  search::evaluation baseline;
  search::tbb_executor const executor(o.threads);
  {
    search::deadline const end(stop, timed ? std::optional(time_left()) : std::nullopt);
    std::printf("training the baseline (%td epochs) and what all candidates share (%td epochs)\n", epochs,
                shared.epochs);
    try {
      std::exception_ptr failed[2];
      executor.for_each(2, [&](index_t i) noexcept {
        try {
          if (i == 0)
            baseline = evaluate.baseline(baseline_genome, stop, stdout);
          else
            static_cast<void>(evaluate.trained_prefix({shared}, stop));
        } catch (...) {
          failed[i] = std::current_exception();
        }
      });
      for (auto const& f : failed)
        if (f) std::rethrow_exception(f);
    } catch (stopped const&) {
      if (stop.interrupted()) throw stopped("interrupted before the baseline was trained; nothing to report");
      throw setting_error("--seconds " + std::to_string(static_cast<long>(budget)) +
                          " is too short to train the baseline for " + std::to_string(epochs) +
                          " epochs; allow more seconds or fewer --epochs");
    }
  }
  auto const quality_text = [&](search::scores const& s) {
    return report::quality_text(shown, judge.higher_is_better ? s.quality : -s.quality);
  };
  std::printf("baseline: %s %s (validation), %td bytes, %.1f us by the cost table, %.0f s\n", judge.metric.c_str(),
              quality_text(baseline.scores).c_str(), baseline.scores.size_bytes, baseline.scores.latency_ns / 1000,
              seconds_since(started));

  search::engine_settings settings;
  settings.seed = o.seed;
  settings.budget.evaluations = o.evaluations;
  if (timed) settings.budget.seconds = std::max(0.001, time_left());
  auto const outcome =
      search::evolve(space, evaluate, executor, settings, stop, [&](auto const& c, search::progress const& p) {
        results.record({c.id, c.text, c.result});
        std::printf("model %3td  %2td on the front  %4.0f s  ", static_cast<std::ptrdiff_t>(c.id), p.front,
                    seconds_since(started));
        if (c.result.feasible)
          std::printf("%8s  %7td B  %6.1f us  %s\n", quality_text(c.result.scores).c_str(), c.result.scores.size_bytes,
                      c.result.scores.latency_ns / 1000, c.text.c_str());
        else
          std::printf("failed: %s  %s\n", c.result.why.c_str(), c.text.c_str());
        std::fflush(stdout);
      });
  if (outcome.unfinished > 0) std::printf("%td candidates were not finished and are left out\n", outcome.unfinished);

  found f;
  f.report = report::to_report(outcome, o.seed, o.threads, judge);
  f.report.baseline = report::to_candidate(-1, space.text(baseline_genome), baseline, judge.higher_is_better);
  f.baseline = evaluate.program_of(baseline_genome);
  for (auto const& c : outcome.evaluated)
    if (std::binary_search(outcome.front.begin(), outcome.front.end(), c.id))
      f.front.push_back(evaluate.program_of(c.genes));
  f.quality_on_test = [&](deploy::program const& p) { return search::evaluate(p, d.test, d.metric); };
  f.samples.resize(static_cast<std::size_t>(3 * input.count()));
  for (index_t i = 0; i < 3; ++i) d.valid.read(i % d.valid.size(), f.samples.data() + i * input.count());
  return finish(o, results, std::move(f), stop, started, reserved);
}

}  // namespace job
