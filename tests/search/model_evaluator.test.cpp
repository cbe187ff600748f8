#include "petra/search/model_evaluator.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "../captured.hpp"
#include "../thrown.hpp"
#include "petra/compress/lowrank/svd.hpp"
#include "petra/compress/prune/channels.hpp"
#include "petra/compress/quantize/affine.hpp"
#include "petra/compress/train.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/metrics/auc.hpp"
#include "petra/nn/models/blocks.hpp"
#include "petra/search/engine.hpp"

namespace {

using namespace petra;
using namespace petra::search;
using petra_test::says;
using petra_test::thrown;

// Counts what is read, and can go wrong.
struct mishaps {
  std::atomic<index_t> reads{0};
  std::atomic<index_t> memory_ends_at{std::numeric_limits<index_t>::max()};
  std::atomic<bool> is_nan{false};
  std::atomic<stop_flag*> interrupts{nullptr};
};

// 6 x 6 noise; the left half is brighter in class 0, the right half in class 1.
struct halves {
  index_t count = 0;
  std::uint64_t seed = 1;
  mishaps* log = nullptr;

  [[nodiscard]] index_t size() const { return count; }
  [[nodiscard]] petra::shape sample_shape() const { return {6, 6, 1}; }
  [[nodiscard]] index_t classes() const { return 2; }
  [[nodiscard]] std::int32_t label(index_t i) const { return static_cast<std::int32_t>(i % 2); }
  void read(index_t i, float* out) const {
    petra::random r(key(seed, i));
    for (index_t p = 0; p < 36; ++p) out[p] = r.normal() + ((p % 6 < 3) == (i % 2 == 0) ? 1.f : 0.f);
    if (log == nullptr) return;
    if (++log->reads > log->memory_ends_at) throw std::bad_alloc();
    if (log->is_nan) out[7] = std::numeric_limits<float>::quiet_NaN();
    if (stop_flag* const s = log->interrupts) s->interrupt();
  }
};
static_assert(data::dataset<halves>);

using stages = space<train, finetune, prune::channels, lowrank::svd, quantize::affine<8>>;

auto sample_model() {
  using namespace nn;
  return initialize(sequential{models::conv_norm<1, 8>(), batch_norm<8>{}, relu{}, models::conv_norm<8, 8>(),
                               batch_norm<8>{}, relu{}, max_pool<2>{}, flatten{}, models::classifier<72, 2>()},
                    1);
}
using model_type = decltype(sample_model());

// Every call costs 1 ns for each 10 units of work.
deploy::cost_table sample_costs() {
  deploy::cost_table t;
  for (int k = 0; k <= static_cast<int>(deploy::kernel_kind::avg_pool_s8); ++k) {
    deploy::cost_key key;
    key.kind = static_cast<deploy::kernel_kind>(k);
    key.in = key.out = {1, 1, 1};
    t.insert(key, 0.1);
  }
  return t;
}

struct fixture {
  mishaps log;
  halves train_set{256, 1, &log}, valid_set{100, 2, nullptr};
  deploy::cost_table costs = sample_costs();
  limits bounds;
  model_type model = sample_model();
  context<halves> base{.train = &train_set, .valid = &valid_set, .seed = 5};
  model_evaluator<stages, model_type, halves> evaluate{model, base, costs, bounds};
  stop_flag never;
};

// A training that is cheap: four steps.
constexpr petra::train short_training{.epochs = 1, .learning_rate = 0.05f};
constexpr quantize::affine<8> int8{.samples = 64};

TEST_CASE("accuracy: the share of samples that the lowered program labels right") {
  fixture f;
  auto const program = deploy::lower(f.model, f.valid_set.sample_shape());
  deploy::session run(program);
  std::vector<float> x(36), logits(2);
  int right = 0;
  for (index_t i = 0; i < f.valid_set.size(); ++i) {
    f.valid_set.read(i, x.data());
    run.run(x.data(), logits.data());
    right += (logits[1] > logits[0]) == (i % 2 == 1);
  }
  CHECK(accuracy(program, f.valid_set) == right / 100.);
  CHECK(accuracy(program, halves{}) == 0);
  std::atomic<bool> const stop{true};
  CHECK(says(thrown<stopped>([&] { static_cast<void>(accuracy(program, f.valid_set, &stop)); }),
             "stopped while measuring"));
}

TEST_CASE("model_evaluator: a genome is worth what the same pipeline yields in code") {
  fixture f;
  prune::channels const half{.ratio = 0.5f};
  petra::finetune const tuned{.epochs = 3, .learning_rate = 0.05f};
  auto const e = f.evaluate({short_training, half, tuned, int8}, f.never);
  REQUIRE(e.feasible);
  CHECK(e.why.empty());
  CHECK(e.violation == 0);
  auto const program = deploy::lower(
      petra::compress(f.model, short_training | half | tuned | int8, context<halves>{.train = &f.train_set, .seed = 5}),
      f.valid_set.sample_shape());
  CHECK(e.scores.quality == accuracy(program, f.valid_set));
  CHECK(e.scores.quality > 0.8);
  CHECK(e.scores.size_bytes == program.size_bytes());
  CHECK(e.scores.peak_activation_bytes == program.arena_bytes());
  CHECK(e.scores.macs == program.macs());
  CHECK(e.scores.latency_ns == f.costs.latency_ns(program));
  auto const kept = f.evaluate.program_of({short_training, half, tuned, int8});
  CHECK(accuracy(*kept, f.valid_set) == e.scores.quality);
  CHECK(kept->size_bytes() == program.size_bytes());
  // The order of evaluations does not matter.
  fixture g;
  CHECK(g.evaluate({short_training, int8}, g.never).feasible);
  CHECK(g.evaluate({short_training, half, tuned, int8}, g.never).scores == e.scores);
}

TEST_CASE("model_evaluator: who begins with the same training shares it, on any number of threads") {
  fixture f;
  CHECK(f.evaluate({short_training}, f.never).feasible);
  index_t const training = f.log.reads.exchange(0);
  CHECK(training == 256);
  CHECK(f.evaluate({short_training, int8}, f.never).feasible);
  CHECK(f.log.reads.exchange(0) == 64);  // calibration
  CHECK(f.evaluate({petra::train{.epochs = 2}}, f.never).feasible);
  CHECK(f.log.reads.exchange(0) == 512);  // another training

  fixture g;
  std::vector<std::thread> threads;
  std::vector<evaluation> found(4);
  for (std::size_t i = 0; i < found.size(); ++i)
    threads.emplace_back([&, i] { found[i] = g.evaluate({short_training}, g.never); });
  for (auto& t : threads) t.join();
  CHECK(g.log.reads == 256);
  for (auto const& e : found) CHECK(e.scores == found[0].scores);
}

TEST_CASE("model_evaluator: beyond a limit nothing is trained; the costs are those of the finished model") {
  fixture f;
  prune::channels const half{.ratio = 0.5f};
  auto const free = f.evaluate({short_training, half, int8}, f.never);
  REQUIRE(free.feasible);
  using set = void (*)(limits&, scores const&);
  auto const judged = [&](set tighten) {
    fixture fresh;
    tighten(fresh.bounds, free.scores);
    auto const e = fresh.evaluate({short_training, half, int8}, fresh.never);
    CHECK_FALSE(e.feasible);
    CHECK(fresh.log.reads <= 1);  // a dry calibration looks at one sample
    CHECK(e.scores.quality == 0);
    CHECK(e.scores.size_bytes == free.scores.size_bytes);
    CHECK(e.scores.latency_ns == free.scores.latency_ns);
    CHECK(e.scores.peak_activation_bytes == free.scores.peak_activation_bytes);
    CHECK((e.violation > 0 && std::isfinite(e.violation)));
    return e.why;
  };
  CHECK(says(judged([](limits& l, scores const& s) { l.size_bytes = s.size_bytes - 1; }), "size: at most "));
  CHECK(says(judged([](limits& l, scores const& s) { l.peak_activation_bytes = s.peak_activation_bytes - 1; }),
             "peak activations: at most "));
  CHECK(says(judged([](limits& l, scores const& s) { l.latency_ns = s.latency_ns * 0.99; }), "latency: at most "));
  fixture exact;
  exact.bounds = {.size_bytes = free.scores.size_bytes,
                  .peak_activation_bytes = free.scores.peak_activation_bytes,
                  .latency_ns = free.scores.latency_ns};
  CHECK(exact.evaluate({short_training, half, int8}, exact.never).feasible);
}

TEST_CASE("model_evaluator: costs that depend on weights are judged when these are trained, not before") {
  // The fine-tuning changes how many ranks keep the energy: fewer than before.
  stages::genome const g{short_training, petra::finetune{.epochs = 4, .learning_rate = 0.3f},
                         lowrank::svd{.keep = lowrank::energy{0.7f}}};
  fixture free;
  auto const e = free.evaluate(g, free.never);
  REQUIRE(e.feasible);
  fixture before;
  auto const untuned = before.evaluate(stages::genome{g[0], g[2]}, before.never);
  REQUIRE(untuned.feasible);
  REQUIRE(untuned.scores.size_bytes > e.scores.size_bytes);
  fixture exact;
  exact.bounds.size_bytes = e.scores.size_bytes;
  CHECK(exact.evaluate(g, exact.never).feasible);
  exact.bounds.size_bytes = e.scores.size_bytes - 1;
  CHECK_FALSE(exact.evaluate(g, exact.never).feasible);
  CHECK(exact.evaluate(g, exact.never).scores.size_bytes == e.scores.size_bytes);
}

TEST_CASE("model_evaluator: no limit applies to the baseline, and its training shows its progress where asked to") {
  fixture f;
  f.bounds.size_bytes = 1;
  CHECK_FALSE(f.evaluate({short_training}, f.never).feasible);
  CHECK(f.log.reads == 0);
  petra_test::captured const shown;
  auto const e = f.evaluate.baseline({short_training}, f.never, shown.file());
  CHECK(e.feasible);
  CHECK(e.scores.quality > 0.5);
  CHECK(e.scores.size_bytes > 1);
  CHECK(f.log.reads == 256);
  auto const lines = shown.text();
  CHECK(says(lines, "epoch  1/1 ["));
  // Known: neither trained nor shown again.
  CHECK(f.evaluate.baseline({short_training}, f.never, shown.file()).scores == e.scores);
  CHECK(f.log.reads == 256);
  CHECK(shown.text() == lines);
}

TEST_CASE("model_evaluator: a limit that is no bound is refused") {
  fixture f;
  f.bounds.size_bytes = -5;
  CHECK_THROWS_AS((model_evaluator<stages, model_type, halves>(f.model, f.base, f.costs, f.bounds)), setting_error);
}

TEST_CASE("model_evaluator: NaN in a training is a failure with its reason, and only of those who share the training") {
  fixture f;
  petra::train const wild{.epochs = 1, .learning_rate = 1e30f};
  auto const e = evaluate_safely(f.evaluate, stages::genome{wild, int8}, f.never);
  REQUIRE(e);
  CHECK_FALSE(e->feasible);
  CHECK(says(e->why, "training: the loss is "));
  CHECK(std::isinf(e->violation));
  // Known to fail: not tried again.
  f.log.reads = 0;
  auto const again = evaluate_safely(f.evaluate, stages::genome{wild}, f.never);
  REQUIRE(again);
  CHECK(again->why == e->why);
  CHECK(f.log.reads == 0);
  // A later stage, after a good prefix.
  auto const late = evaluate_safely(
      f.evaluate, stages::genome{short_training, petra::finetune{.epochs = 1, .learning_rate = 1e30f}}, f.never);
  REQUIRE(late);
  CHECK(says(late->why, "training: the loss is "));
  CHECK(evaluate_safely(f.evaluate, stages::genome{short_training, int8}, f.never)->feasible);

  fixture g;
  g.log.is_nan = true;
  CHECK(says(evaluate_safely(g.evaluate, stages::genome{short_training}, g.never)->why, "check the data for NaN"));
}

TEST_CASE("model_evaluator: running out of memory is a failure, and the next candidate starts anew") {
  fixture f;
  f.log.memory_ends_at = 100;
  auto const e = evaluate_safely(f.evaluate, stages::genome{short_training, int8}, f.never);
  REQUIRE(e);
  CHECK_FALSE(e->feasible);
  CHECK(e->why == "out of memory");
  f.log.memory_ends_at = std::numeric_limits<index_t>::max();
  CHECK(evaluate_safely(f.evaluate, stages::genome{short_training, int8}, f.never)->feasible);
}

TEST_CASE("model_evaluator: a stage that changes nothing is a failure that says so") {
  fixture f;
  auto const e = evaluate_safely(f.evaluate,
                                 stages::genome{short_training, prune::channels{.ratio = 0.125f, .lanes = 8}}, f.never);
  REQUIRE(e);
  CHECK_FALSE(e->feasible);
  CHECK(says(e->why, "petra::prune::channels{.ratio = 0.125f, .lanes = 8}: expected to change the model"));
}

TEST_CASE("model_evaluator: a raised flag ends a training at the next batch, and nothing of it is kept") {
  fixture f;
  stop_flag stop;
  f.log.interrupts = &stop;  // by the first sample
  CHECK(says(thrown<stopped>([&] { static_cast<void>(f.evaluate({short_training}, stop)); }), "training stopped"));
  CHECK(f.log.reads == 64);
  f.log.interrupts = nullptr;
  CHECK_FALSE(evaluate_safely(f.evaluate, stages::genome{short_training}, stop));  // no result at all
  CHECK(f.evaluate({short_training}, f.never).feasible);
}

// Six numbers and the sum of two of them.
struct sums {
  index_t count = 0;
  std::uint64_t seed = 1;

  [[nodiscard]] index_t size() const { return count; }
  [[nodiscard]] petra::shape sample_shape() const { return {6, 1}; }
  [[nodiscard]] index_t targets() const { return 1; }
  void target(index_t i, float* out) const {
    float x[6];
    read(i, x);
    *out = x[0] + x[3];
  }
  void read(index_t i, float* out) const {
    petra::random r(key(seed, i));
    for (index_t p = 0; p < 6; ++p) out[p] = r.normal();
  }
};

TEST_CASE("model_evaluator: quality is the metric it is given; an error counts with a minus") {
  fixture f;
  model_evaluator<stages, model_type, halves, metric::auc> const by_auc(f.model, f.base, f.costs, f.bounds);
  auto const e = by_auc({short_training, int8}, f.never);
  REQUIRE(e.feasible);
  auto const program = by_auc.program_of({short_training, int8});
  CHECK(e.scores.quality == evaluate(*program, f.valid_set, metric::auc{}));
  CHECK(e.scores.quality > f.evaluate({short_training, int8}, f.never).scores.quality);
  CHECK(evaluate(*program, f.valid_set, metric::accuracy{}) == accuracy(*program, f.valid_set));

  using regression = space<train, finetune, prune::channels, quantize::affine<8>>;
  using namespace nn;
  auto const network = initialize(sequential{flatten{}, dense<6, 16>{}, relu{}, dense<16, 1>{}}, 1);
  sums const train_set{512, 1}, valid_set{100, 2};
  context<sums> const base{.train = &train_set, .valid = &valid_set, .seed = 5};
  model_evaluator<regression, decltype(network), sums> const by_rmse(network, base, f.costs, f.bounds);
  petra::train const long_training{.epochs = 20, .learning_rate = 0.05f};
  auto const long_one = by_rmse({long_training}, f.never), none = by_rmse({petra::train{.epochs = 1}}, f.never);
  REQUIRE((long_one.feasible && none.feasible));
  auto const trained = by_rmse.program_of({long_training});
  CHECK(long_one.scores.quality == -evaluate(*trained, valid_set, metric::rmse{}));
  CHECK(long_one.scores.quality > -0.3);
  CHECK(long_one.scores.quality > none.scores.quality);
  // Taylor's importance from the loss of numbers.
  CHECK(by_rmse({long_training, prune::channels{.ratio = 0.5f, .by = prune::importance::taylor}, int8}, f.never)
            .feasible);
  CHECK(says(evaluate_safely(by_rmse, regression::genome{petra::train{.epochs = 1, .smoothing = 0.1f}}, f.never)->why,
             "smoothing is for classes"));
}

TEST_CASE("model_evaluator: a genome without its training has the calls of the trained one") {
  fixture f;
  stages::genome const g{short_training, prune::channels{.ratio = 0.5f}, int8};
  auto const untrained = f.evaluate.untrained(g);
  CHECK(f.log.reads <= 1);
  REQUIRE(f.evaluate(g, f.never).feasible);
  auto const trained = f.evaluate.program_of(g);
  CHECK(deploy::keys_of(untrained) == deploy::keys_of(*trained));
  CHECK(untrained.size_bytes() == trained->size_bytes());
}

}  // namespace
