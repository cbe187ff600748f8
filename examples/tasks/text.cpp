// Text: a small transformer encoder, beside a linear model on bags of words.
#include "petra/data/text.hpp"
#include "petra/nn/metrics/f1.hpp"
#include "petra/nn/models/transformer_encoder.hpp"
#include "petra/nn/pool1d.hpp"
#include "task.hpp"

namespace tasks {

namespace {

using namespace petra;

struct text_training {
  index_t epochs = 8;
  float learning_rate = 1e-3f, weight_decay = 0.05f;
};

template <class Metric>
row classify(options const& o, char const* name, char const* folder, data::text_settings const& text,
             text_training const& t, Metric const& metric) {
  auto loaded = data::load_text(concat({o.data, "/text/", folder}), text);
  auto const [train, test] = chosen_parts(o, std::move(loaded.train), std::move(loaded.test));
  nn::fit_settings const s{.epochs = t.epochs,
                           .batch = 32,
                           .learning_rate = t.learning_rate,
                           .optimizer = adamw{.weight_decay = t.weight_decay},
                           .clipping = {.norm = 1}};
  index_t const ids = train.columns[0].ids, length = train.length, classes = train.classes();
  return train_and_test<true>(
      o, {.task = name, .model = "transformer encoder"}, train, test,
      [=](std::uint64_t seed) {
        return models::text_transformer<64, 4, 128, 1, dyn, nn::global_avg_pool1d<>>(seed, ids, length, classes);
      },
      3, s, loss::cross_entropy{.smoothing = 0.1f}, metric);
}

row sst2(options const& o) { return classify(o, "sst2", "sst2", {.length = 48}, {}, metric::accuracy{}); }
row sms_spam(options const& o) { return classify(o, "sms-spam", "sms_spam", {.length = 64}, {}, metric::binary_f1{}); }

}  // namespace

std::vector<task> text_tasks() {
  return {{"sst2", "sentences about films, good or bad", sst2}, {"sms-spam", "messages, spam or not", sms_spam}};
}

}  // namespace tasks
