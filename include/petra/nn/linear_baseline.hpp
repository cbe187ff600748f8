// What a linear model makes of a set of plain vectors: the least that a network has to beat. Softmax regression for
// classes, least squares for numbers to predict.
//
//     auto const train = data::aggregates(bank.train), test = data::aggregates(bank.test);
//     auto model = nn::fit_linear(train);
//     double const auc = nn::evaluate(model, test, metric::auc{});
//
// Properties: deterministic, as `fit`.
#pragma once
#include "petra/nn/fit.hpp"
#include "petra/nn/models/linear.hpp"

namespace petra::inline PETRA_ABI::nn {

struct linear_settings {
  index_t steps = 3000;  // at least; whole epochs are taken
  index_t batch = 64;    // samples per step, fewer if the set is smaller
  float learning_rate = 0.003f;
  float weight_decay = 0.01f;
  std::uint64_t seed = 1;
  petra::workers workers{};
};

// train: samples of shape (C). Throws: setting_error, shape_error for another shape, training_error.
template <data::dataset D>
[[nodiscard, gnu::cold]] dense<dyn, dyn> fit_linear(D const& train, linear_settings const& s = {}) {
  petra::shape const shape = train.sample_shape();
  if (shape.rank != 1)
    throw_error<shape_error>({"fit_linear: expected samples that are plain vectors, found rank ", shape.rank,
                              "; data::aggregates makes vectors of sequences"});
  auto model = models::linear(shape[0], data::outputs(train));
  index_t const batch = std::max<index_t>(std::min(s.batch, train.size()), 1);
  index_t const steps_per_epoch = std::max<index_t>(train.size() / batch, 1);
  fit_settings const settings{.epochs = (s.steps + steps_per_epoch - 1) / steps_per_epoch,
                              .batch = batch,
                              .learning_rate = s.learning_rate,
                              .optimizer = adamw{.weight_decay = s.weight_decay},
                              .schedule = cosine{},
                              .augment = false,
                              .seed = s.seed,
                              .workers = s.workers};
  D const* const none = nullptr;
  if constexpr (data::labeled<D>)
    fit(model, train, none, settings);
  else
    fit(model, train, none, settings, loss::mse{});
  return model;
}

}  // namespace petra::nn
