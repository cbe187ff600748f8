// Events of clients: a GRU encoder, judged by AUC where there are two classes and by accuracy where there are more.
// compile: 30 s, 2 GB
#include "petra/data/events.hpp"
#include "job.hpp"
#include "petra/data/padded.hpp"
#include "petra/data/synthetic_events.hpp"
#include "petra/deploy/ops/embedding.hpp"
#include "petra/deploy/ops/recurrent.hpp"
#include "petra/nn/metrics/auc.hpp"
#include "petra/nn/models/gru_encoder.hpp"

namespace {

using namespace petra;

// No kernel takes the factors of an encoder's weights: they would be multiplied out.
using stages = search::space<train, finetune, prune::channels, quantize::affine<8>>;

struct event_quality {
  static constexpr char const* name = metric::auc::name;
  static constexpr bool higher_is_better = true;

  double operator()(std::span<float const> outputs, std::span<std::int32_t const> labels, index_t classes) const {
    return classes == 2 ? metric::auc{}(outputs, labels, 2) : metric::accuracy{}(outputs, labels, classes);
  }
};

[[gnu::cold]] std::vector<stages::genome> starts(train const& whole, train const& t, finetune const& recover) {
  quantize::affine<8> const int8;
  auto pruned = [&](float ratio) { return stages::genome{t, prune::channels{.ratio = ratio}, recover, int8}; };
  return {{whole, int8},
          pruned(0.5f),
          pruned(0.25f),
          {t, prune::channels{.ratio = 0.5f}, int8, recover},
          {t, int8, recover}};
}

// A step of a GRU takes as long as any other: the last ones of a long history are read.
constexpr index_t most_steps = 128;

[[gnu::cold]] data::event_folder<data::labeled_sequences> load(options const& o) {
  data::event_folder<data::labeled_sequences> loaded;
  if (o.data.empty()) {
    loaded.train = data::synthetic_events({.count = 5000, .seed = key(o.seed, 1)});
    loaded.test = data::synthetic_events({.count = 2000, .seed = key(o.seed, 2)});
  } else {
    loaded = data::load_events(o.data, {.label = o.label});
  }
  for (auto* const set : {&loaded.train, &loaded.test}) set->length = std::min(set->length, most_steps);
  return loaded;
}

}  // namespace

[[gnu::cold]] int domains::events(options const& o) {
  using set = data::padded<data::labeled_sequences>;
  auto loaded = load(o);
  auto const columns = loaded.train.columns;
  index_t const classes = loaded.train.classes();
  auto parts = split(loaded.train, o);
  optimizer_settings const adam_w = adamw{.weight_decay = 0.01f};
  domain<stages, set, decltype(models::gru_encoder<64>(1, columns, 2)), event_quality> d{
      .name = o.data.empty() ? "synthetic events" : o.data,
      .samples = "clients",
      .network = "gru_encoder",
      .train = {std::move(parts.first), {}},
      .valid = {std::move(parts.second), {}},
      .test = {std::move(loaded.test), {}},
      .model = models::gru_encoder<64>(o.seed, columns, classes),
      .metric_name = classes == 2 ? metric::auc::name : metric::accuracy::name,
      .training = {.learning_rate = 3e-3f, .batch = 64, .optimizer = adam_w, .clip_norm = 1},
      .recovery = {.learning_rate = 1e-3f, .batch = 64, .optimizer = adam_w, .clip_norm = 1},
      .bounds = {{"learning_rate", 3e-3}},
      .starts = starts};
  d.usual_epochs = std::clamp<index_t>(300'000 / std::max<index_t>(d.train.size(), 1), 12, 60);
  return job::run(o, d);
}
