// Outputs of a trainable model on a set, and a metric of them: `evaluate(model, test, metric::auc{})`.
#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "petra/nn/evaluate.hpp"
#include "petra/nn/metrics/metric.hpp"

namespace petra::inline PETRA_ABI::nn {

// (N, outputs of the set), in the order of the set. Throws: shape_error as for_each_batch.
template <class Model, data::dataset D>
[[nodiscard]] std::vector<float> predict(Model& model, D const& set, index_t batch = 128,
                                         petra::workers const& workers = {}) {
  index_t const width = data::outputs(set);
  std::vector<float> all(static_cast<std::size_t>(set.size() * width));
  for_each_batch(
      model, set, batch,
      [&](float const* outputs, index_t first, index_t n) {
        std::copy_n(outputs, n * width, all.data() + first * width);
      },
      workers);
  return all;
}

// What the model should have said: labels (N), or numbers (N,targets).
template <data::dataset D>
[[nodiscard]] std::vector<data::answer<D>> answers_of(D const& set) {
  std::vector<data::answer<D>> all(static_cast<std::size_t>(set.size() * data::answers(set)));
  for (index_t i = 0; i < set.size(); ++i) {
    if constexpr (data::labeled<D>)
      all[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(set.label(i));
    else
      set.target(i, all.data() + i * set.targets());
  }
  return all;
}

// Throws: shape_error, and what the metric throws.
template <class Model, data::dataset D, metric::metric_of<data::answer<D>> M>
[[nodiscard]] double evaluate(Model& model, D const& set, M const& metric, index_t batch = 128,
                              petra::workers const& workers = {}) {
  auto const outputs = predict(model, set, batch, workers);
  auto const answers = answers_of(set);
  return metric(std::span<float const>(outputs), std::span<data::answer<D> const>(answers), data::outputs(set));
}

}  // namespace petra::nn
