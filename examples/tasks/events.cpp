// Event sequences of clients: GRU encoders, beside a linear model on aggregates of the same events.
#include "petra/data/events.hpp"
#include "petra/nn/metrics/auc.hpp"
#include "petra/nn/models/gru_encoder.hpp"
#include "task.hpp"

namespace tasks {

namespace {

using namespace petra;

struct gru_settings {
  index_t epochs = 10, batch = 64;
  float learning_rate = 3e-3f, weight_decay = 0.01f;
};

template <class Metric>
row classify(options const& o, char const* name, char const* folder, data::event_settings const& events,
             gru_settings const& g, Metric const& metric) {
  auto loaded = data::load_events(concat({o.data, "/finance/", folder}), events);
  auto const [train, test] = chosen_parts(o, std::move(loaded.train), std::move(loaded.test));
  nn::fit_settings const s{.epochs = g.epochs,
                           .batch = g.batch,
                           .learning_rate = g.learning_rate,
                           .optimizer = adamw{.weight_decay = g.weight_decay},
                           .schedule = one_cycle{},
                           .clipping = {.norm = 1}};
  auto const columns = train.columns;
  index_t const classes = train.classes();
  return train_and_test<true>(
      o, {.task = name, .model = "GRU of 64 units"}, train, test,
      [&](std::uint64_t seed) { return models::gru_encoder<64>(seed, columns, classes); }, 3, s, loss::cross_entropy{},
      metric);
}

row cdnow(options const& o) {
  return classify(o, "cdnow", "cdnow", {.label = "churn", .length = 32}, {.epochs = 6}, metric::auc{});
}
data::event_settings credit_events() {
  return {.inputs = {.categorical = {"repay_status"}, .numeric = {"bill_amount", "pay_amount"}},
          .label = "default_next_month"};
}
row credit(options const& o) {
  return classify(o, "credit", "credit_default", credit_events(), {.epochs = 8}, metric::auc{});
}
row credit_static(options const& o) {
  auto events = credit_events();
  events.statics = {.categorical = {"sex", "education", "marriage"}, .numeric = {"age", "limit_bal"}};
  return classify(o, "credit-static", "credit_default", events, {.epochs = 8}, metric::auc{});
}
row berka(options const& o) {
  return classify(o, "berka", "berka_1993", {.label = "age_group", .length = 100}, {.epochs = 12, .batch = 32},
                  metric::accuracy{});
}

}  // namespace

std::vector<task> event_tasks() {
  return {{"cdnow", "purchases, who will not buy again", cdnow},
          {"credit", "credit cards, who will default", credit},
          {"credit-static", "the same with the client's data as extra inputs", credit_static},
          {"berka", "bank accounts, age group of the owner", berka}};
}

}  // namespace tasks
