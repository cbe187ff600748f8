// Texts: a small transformer encoder, judged by accuracy.
// compile: 30 s, 2 GB
#include "petra/data/text.hpp"
#include "job.hpp"
#include "petra/data/padded.hpp"
#include "petra/data/synthetic_text.hpp"
#include "petra/deploy/ops/conv1d.hpp"
#include "petra/deploy/ops/embedding.hpp"
#include "petra/deploy/ops/layer_norm.hpp"
#include "petra/deploy/ops/positions.hpp"
#include "petra/deploy/ops/self_attention.hpp"
#include "petra/nn/models/transformer_encoder.hpp"
#include "petra/nn/pool1d.hpp"

namespace {

using namespace petra;
using stages = search::space<train, finetune, prune::channels, lowrank::svd, quantize::affine<8>>;

// Most of the weights are the table of the words, which factors make smaller; of the encoder only the wide layers of the
// feed-forward part can be pruned.
[[gnu::cold]] std::vector<stages::genome> starts(train const& whole, train const& t, finetune const& recover) {
  quantize::affine<8> const int8;
  auto half = recover;
  half.epochs = (recover.epochs + 1) / 2;
  auto factored = [&](float energy) {
    return stages::genome{t, lowrank::svd{.keep = lowrank::energy{energy}}, half, int8};
  };
  return {{whole, int8},
          {t, int8, half},
          factored(0.8f),
          factored(0.6f),
          {t, prune::channels{.ratio = 0.5f}, half, int8},
          {t, prune::channels{.ratio = 0.5f}, lowrank::svd{.keep = lowrank::energy{0.7f}}, recover, int8}};
}

// Of longer texts the beginning is read: every step costs time and memory.
constexpr index_t most_words = 64;

[[gnu::cold]] auto model(std::uint64_t seed, index_t ids, index_t length, index_t classes) {
  return models::text_transformer<64, 4, 128, 1, dyn, nn::global_avg_pool1d<>>(seed, ids, length, classes);
}

}  // namespace

[[gnu::cold]] int domains::text(options const& o) {
  using set = data::padded<data::labeled_sequences>;
  data::labeled_sequences train, test;
  if (o.data.empty()) {
    train = data::synthetic_text({.count = 5000, .seed = key(o.seed, 1)});
    test = data::synthetic_text({.count = 2000, .seed = key(o.seed, 2)});
  } else {
    auto loaded = data::load_text(o.data);
    train = std::move(loaded.train);
    test = std::move(loaded.test);
  }
  train.length = test.length = std::min(train.length, most_words);
  auto parts = split(train, o);
  optimizer_settings const adam_w = adamw{.weight_decay = 0.05f};
  domain<stages, set, decltype(model(1, 1, 1, 1)), metric::accuracy> d{
      .name = o.data.empty() ? "synthetic texts" : o.data,
      .samples = "texts",
      .network = "text_transformer",
      .train = {std::move(parts.first), {}},
      .valid = {std::move(parts.second), {}},
      .test = {std::move(test), {}},
      .model = model(o.seed, train.columns[0].ids, train.length, train.classes()),
      .training = {.learning_rate = 1e-3f, .batch = 32, .smoothing = 0.1f, .optimizer = adam_w, .clip_norm = 1},
      .recovery = {.learning_rate = 1e-3f, .batch = 32, .smoothing = 0.1f, .optimizer = adam_w, .clip_norm = 1},
      .bounds = {{"learning_rate", 3e-3}},
      .starts = starts};
  d.usual_epochs = std::clamp<index_t>(40'000 / std::max<index_t>(d.train.size(), 1), 6, 20);
  return job::run(o, d);
}
