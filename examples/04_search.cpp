// The main job: train → search → Pareto front → one header that runs. ./examples/run.sh builds and runs it; --help
// explains.
// compile: 30 s, 2 GB
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <thread>

#include "check_header.hpp"
#include "options.hpp"
#include "petra/petra.hpp"
#include "results_folder.hpp"

using namespace petra;
using pictures = data::picture_set;
using clock_type = std::chrono::steady_clock;
namespace fs = std::filesystem;

// What the search may do. Every stage is the one that static pipelines use.
using stages = search::space<train, finetune, prune::channels, lowrank::svd, quantize::affine<8>>;

// How this program was compiled; the emitted header is compiled alike.
#if !defined(EXAMPLE_FLAGS)
#define EXAMPLE_FLAGS ""
#endif

namespace {

double seconds_since(clock_type::time_point t) { return std::chrono::duration<double>(clock_type::now() - t).count(); }

struct task {
  pictures train, valid, test;
  std::string name;
  data::crop_flip augmentation;
};

[[gnu::cold]] task load(options const& o) {
  task t;
  if (o.data.empty()) {
    t.name = "synthetic pictures";
    t.test = data::synthetic_pictures({.count = 2000, .seed = key(o.seed, 2)});
    t.train = data::synthetic_pictures({.count = 7000, .seed = key(o.seed, 1)});
  } else {
    t.name = o.data;
    auto folder = data::load_pictures(o.data);
    t.train = std::move(folder.train);
    t.test = std::move(folder.test);
  }
  // An eighth of the side, as He et al. for CIFAR-10. Synthetic figures have no mirror images.
  t.augmentation = {.pad = std::max<index_t>(1, t.train.sample_shape()[0] / 8), .flip = o.flip && !o.data.empty()};
  auto parts = data::split(t.train, 0.1, o.seed);
  t.train = std::move(parts.train);
  t.valid = std::move(parts.valid);
  t.train.scaling = data::fit_normalization(t.train);
  t.valid.scaling = t.test.scaling = t.train.scaling;
  return t;
}

// Seconds a run may take when nobody says.
double usual_seconds(options const& o) { return o.data.empty() ? 200 : 840; }

// Enough for convergence on small sets, affordable on large ones; less in a run shorter than usual.
index_t baseline_epochs(index_t samples, double share_of_time) {
  auto const usual = std::clamp<index_t>(1'000'000 / samples, 12, 24);
  return std::max<index_t>(4, static_cast<index_t>(static_cast<double>(usual) * std::min(1.0, share_of_time)));
}

// Of which every candidate may spend so many after the shared training: a third, to recover from what compression takes.
index_t recovery_epochs(index_t epochs) { return epochs / 3; }

// Where a search begins: one genome of each kind. The baseline in int8, others after the shared training.
[[gnu::cold]] std::vector<stages::genome> starts(train const& whole, train const& t, index_t recovery) {
  quantize::affine<8> const int8;
  finetune const recover{.epochs = recovery, .learning_rate = 0.05f};
  auto pruned = [&](float ratio) { return stages::genome{t, prune::channels{.ratio = ratio}, recover, int8}; };
  return {{whole, int8},
          pruned(0.375f),
          pruned(0.5f),
          pruned(0.25f),
          pruned(0.625f),
          {t, int8, finetune{.epochs = 1, .learning_rate = 0.003f}},
          {t, lowrank::svd{.keep = lowrank::energy{0.8f}}, finetune{.epochs = (recovery + 1) / 2}, int8}};
}

std::string percent(double now, double before) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.1f %%", 100 * (now / before - 1));
  return text;
}

[[gnu::cold]] int run(options const& o) {
  auto const started = clock_type::now();
  double const budget = o.seconds.value_or(usual_seconds(o));
  bool const timed = o.seconds || !o.evaluations;
  search::stop_flag stop;
  search::interrupt_guard const ctrl_c(stop);
  task const t = load(o);
  if (t.train.size() < 64 || t.valid.size() < 1)
    throw setting_error(t.name +
                        ": expected at least 72 training pictures (a batch of 64 and a validation part), found " +
                        std::to_string(t.train.size() + t.valid.size()));
  results_folder results(o.out, {.seed = o.seed, .data_hash = data::dataset_hash(t.train), .space = "resnet8"});
  std::string const& out = results.path();
  auto const shape = t.train.sample_shape();
  std::printf("petra %s: %s, %td training, %td validation, %td test pictures of %tdx%tdx%td, %td classes\n", version,
              t.name.c_str(), t.train.size(), t.valid.size(), t.test.size(), shape[0], shape[1], shape[2],
              t.train.classes());

  // Costs first: the machine is idle now.
  auto const model = models::resnet8<>(o.seed, shape[2], t.train.classes());
  std::string const costs_file = o.costs.empty() ? out + "/costs.json" : o.costs;
  auto const calls = deploy::reachable_keys(deploy::lower(stages::open(model), shape, {.forms = nullptr}));
  deploy::cost_table costs;
  if (fs::exists(costs_file)) {
    costs = deploy::load_costs(costs_file);
    try {  // what is missing is said now, not after a training
      for (auto const& call : calls) static_cast<void>(costs.ns(call));
    } catch (setting_error const& e) {
      throw io_error(costs_file + ": " + e.what());
    }
    std::printf("costs: %s, %zu entries for %s\n", costs_file.c_str(), costs.entries().size(),
                costs.instruction_set().c_str());
  } else {
    std::printf("costs: measuring ...");
    std::fflush(stdout);
    deploy::measure_missing(costs, calls);
    deploy::save_costs(costs, costs_file);
    std::printf(" %zu entries in %s\n", costs.entries().size(), costs_file.c_str());
  }

  // The baseline gets as many epochs as any candidate may have in all; what candidates share is trained beside it.
  index_t const epochs = o.epochs.value_or(baseline_epochs(t.train.size(), budget / usual_seconds(o)));
  index_t const recovery = recovery_epochs(epochs);
  train const shared{.epochs = epochs - recovery}, whole{.epochs = epochs};
  stages const space(starts(whole, shared, recovery), epochs);
  search::limits bounds;
  bounds.size_bytes = o.max_bytes;
  if (o.max_latency_us) bounds.latency_ns = *o.max_latency_us * 1000;
  using evaluator = search::model_evaluator<stages, decltype(model), pictures>;
  context<pictures> const base{.train = &t.train, .valid = &t.valid, .seed = o.seed, .augmentation = t.augmentation};
  evaluator const evaluate(model, base, costs, bounds);
  // A fifth of the time, 8 to 60 s, is for the final measurements and the check of the header.
  double const reserved = std::clamp(budget / 5, std::min(8.0, budget / 2), 60.0);
  index_t const repeats = 5;  // of a throughput; the median counts
  auto time_left = [&] { return budget - reserved - seconds_since(started); };

  stages::genome const baseline_genome{whole};
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
  std::printf("baseline: accuracy %.2f %% (validation), %td bytes, %.1f us by the cost table, %.0f s\n",
              100 * baseline.scores.quality, baseline.scores.size_bytes, baseline.scores.latency_ns / 1000,
              seconds_since(started));

  // The search.
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
          std::printf("%6.2f %%  %7td B  %6.1f us  %s\n", 100 * c.result.scores.quality, c.result.scores.size_bytes,
                      c.result.scores.latency_ns / 1000, c.text.c_str());
        else
          std::printf("failed: %s  %s\n", c.result.why.c_str(), c.text.c_str());
        std::fflush(stdout);
      });

  if (outcome.unfinished > 0) std::printf("%td candidates were not finished and are left out\n", outcome.unfinished);

  // The front, measured alone on the machine; the test pictures are touched here and nowhere else.
  auto report = report::to_report(outcome, o.seed, o.threads);
  report.hardware = report::hardware();
  report.flags = EXAMPLE_FLAGS;
  report.baseline = report::to_candidate(-1, space.text(baseline_genome), baseline);
  auto const baseline_program = evaluate.program_of(baseline_genome);
  std::vector<std::shared_ptr<deploy::program const>> programs;
  for (auto const& c : outcome.evaluated)
    if (std::binary_search(outcome.front.begin(), outcome.front.end(), c.id))
      programs.push_back(evaluate.program_of(c.genes));
  std::printf("measuring %zu models ...\n", programs.size() + 1);
  // Everybody gets 5 x 1 s of throughput if there is time; else the baseline and the chosen model do, and the others what
  // is left.
  double const measuring = stop.interrupted() ? 5 : std::max(reserved - 5, reserved / 2);
  double const final_seconds = std::clamp(measuring / 35, 0.1, 1.0);
  double const share = std::max(measuring / 2, measuring - 2 * static_cast<double>(repeats) * final_seconds) /
                       static_cast<double>(programs.size() + 1);
  double const each = measuring * 0.8 / static_cast<double>(programs.size() + 1) / (static_cast<double>(repeats) + 0.5);
  bool const time_for_all = each >= final_seconds;
  deploy::throughput_settings throughput{
      .seconds = time_for_all ? final_seconds : std::clamp(share * 0.1, 0.02, final_seconds), .repeats = repeats};
  report::measure_front(report, *baseline_program, programs,
                        {.latency_seconds = share * 0.2, .throughput = throughput});
  report.baseline.quality_test = search::accuracy(*baseline_program, t.test);
  for (std::size_t i = 0; i < programs.size(); ++i)
    report.front[i].quality_test = search::accuracy(*programs[i], t.test);
  report::candidate const* const chosen = report::choose(report, o.max_loss / 100);
  throughput.seconds = final_seconds;
  if (chosen != nullptr) {
    report.chosen = chosen->id;
    if (!time_for_all) {
      report::measure_throughput(report.baseline, *baseline_program, throughput);
      auto const at = static_cast<std::size_t>(chosen - report.front.data());
      report::measure_throughput(report.front[at], *programs[at], throughput);
    }
  }

  // The winner as a header, compiled and run as a user would.
  std::string problem;
  if (chosen != nullptr) {
    auto const at = static_cast<std::size_t>(chosen - report.front.data());
    std::vector<float> samples(static_cast<std::size_t>(3 * shape.count()));
    for (index_t i = 0; i < 3; ++i) t.valid.read(i % t.valid.size(), samples.data() + i * shape.count());
    write_file(out + "/model.hpp", deploy::emit(*programs[at], {.pipeline = chosen->pipeline, .samples = samples}));
    if (auto const compiler = find_compiler(); compiler && !stop.interrupted()) {
      auto const checked = check_header(out, *compiler, EXAMPLE_FLAGS);
      if (checked.matches) {
        report.front[at].emitted_latency_p50_ns = checked.latency_p50_ns;
        std::printf("%s/model.hpp: compiled alone, its outputs match, %.1f us\n", out.c_str(),
                    checked.latency_p50_ns / 1000);
      } else if (!stop.interrupted()) {  // Ctrl-C ends the compiler, too
        problem = out + "/model.hpp: " + checked.problem;
      }
    }
  }
  report.seconds = seconds_since(started);
  write_file(out + "/front.html", report::to_html(report));
  write_file(out + "/front.json", report::to_json(report).dump(1) + "\n");
  results.complete();
  std::printf("\n%s\n%s/front.html shows it.\n", report::to_terminal(report).c_str(), out.c_str());
  if (!problem.empty()) throw error(problem);
  if (chosen == nullptr) {
    char const* const why = !report.front.empty()       ? "none within --max-loss of the baseline"
                            : stop.interrupted()        ? "interrupted before a candidate was ready"
                            : outcome.evaluated.empty() ? "no time was left for a candidate; allow more --seconds"
                                                        : "no candidate met the limits";
    std::printf("front: %zu models; no model.hpp: %s\n", report.front.size(), why);
    return 2;
  }
  auto const& b = report.baseline;
  std::printf("front: %zu models; model.hpp: quality %.2f (baseline %.2f), size %s, latency %s, throughput %s\n",
              report.front.size(), 100 * *chosen->quality_test, 100 * *b.quality_test,
              percent(static_cast<double>(chosen->size_bytes), static_cast<double>(b.size_bytes)).c_str(),
              percent(*chosen->latency_p50_ns, *b.latency_p50_ns).c_str(),
              percent(*chosen->throughput_per_s, *b.throughput_per_s).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // progress shows in a log file too
  if (char const* const missing = missing_instructions(); missing != nullptr) {
    std::fprintf(stderr, "04_search: built for %s, which this machine lacks; build it here, or without -march=native\n",
                 missing);
    return 3;
  }
  try {
    auto const o = parse_options(argc, argv);
    if (o.help) return std::fputs(usage, stdout), 0;
    return run(o);
  } catch (std::bad_alloc const&) {
    std::fprintf(stderr, "04_search: out of memory\n");
  } catch (std::exception const& e) {
    std::fprintf(stderr, "04_search: %s\n", e.what());
  }
  return 1;
}
