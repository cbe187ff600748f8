// Series of numbers: InceptionTime, for classes (series.cpp) or numbers to predict (series_targets.cpp).
#pragma once
#include "job.hpp"
#include "petra/data/augment_series.hpp"
#include "petra/data/differences.hpp"
#include "petra/data/padded.hpp"
#include "petra/deploy/ops/conv1d.hpp"
#include "petra/nn/models/inception_time.hpp"
#include "series_once.hpp"

namespace domains {

namespace of_series {

using namespace petra;
using stages = search::space<train, finetune, prune::channels, lowrank::svd, quantize::affine<8>>;

// Windows of a series, scaled and with some noise.
using variation = data::chain<data::window_slice, data::chain<data::scaling, data::jitter>>;

// Only the bottlenecks of the modules can be pruned: every other channel is part of a sum or of a concatenation.
[[gnu::cold]] inline std::vector<stages::genome> starts(train const& whole, train const& t, finetune const& recover) {
  quantize::affine<8> const int8;
  auto pruned = [&](float ratio) { return stages::genome{t, prune::channels{.ratio = ratio}, recover, int8}; };
  auto half = recover;
  half.epochs = (recover.epochs + 1) / 2;
  return {{whole, int8},   pruned(0.5f),
          pruned(0.25f),   {t, prune::channels{.ratio = 0.5f}, int8, recover},
          {t, int8, half}, {t, lowrank::svd{.keep = lowrank::energy{0.8f}}, recover, int8}};
}

}  // namespace of_series

// Set: labeled_sequences or target_sequences.
template <class Set, class Metric>
[[gnu::cold]] int series_of(options const& o, Set train, Set test, std::string name, float smoothing) {
  using namespace of_series;
  using model = decltype(models::inception_time<dyn, dyn, 16>(1, 1, 1));
  using padded = data::padded<Set, variation>;
  variation const varied{{.share = 0.9f}, {{.sigma = 0.1f}, {.sigma = 0.03f}}};
  optimizer_settings const adam_w = adamw{.weight_decay = 0.01f};
  constexpr index_t batch = 16, steps = 1500;
  if (o.differences) data::take_differences(train, test);
  double const held_out = small_set_share(train.size());
  auto parts = domains::split(train, o, held_out);
  domain<stages, padded, model, Metric> d{
      .name = std::move(name),
      .samples = "series",
      .network = "inception_time",
      .train = {std::move(parts.first), varied},
      .valid = {std::move(parts.second), {}},
      .test = {std::move(test), {}},
      .held_out = held_out,
      .model = models::inception_time<dyn, dyn, 16>(o.seed, train.channels(), data::outputs(train)),
      .training = {.learning_rate = 2e-3f, .batch = batch, .smoothing = smoothing, .optimizer = adam_w},
      .recovery = {.learning_rate = 1e-3f, .batch = batch, .smoothing = smoothing, .optimizer = adam_w},
      .bounds = {{"learning_rate", 3e-3}},
      .starts = starts};
  if constexpr (data::targeted<Set>) {  // numbers to predict begin at their mean, not at 0
    auto& bias = get<5>(d.model.layers).bias;
    for (std::size_t i = 0; i < d.train.y.size(); ++i)
      bias[static_cast<index_t>(i) % bias.size()] += d.train.y[i] / static_cast<float>(d.train.size());
  }
  d.usual_epochs = std::clamp<index_t>(steps * batch / std::max<index_t>(d.train.size(), 1), 4, 400);
  return job::run(o, d);
}

}  // namespace domains
