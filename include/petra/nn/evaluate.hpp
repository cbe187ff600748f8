// Quality of a trainable model on a data set.
#pragma once
#include <numeric>
#include <span>
#include <vector>

#include "petra/data/batch.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

// Position of the largest logit; the first one when several are equal.
inline index_t argmax(float const* x, index_t n) { return std::max_element(x, x + n) - x; }

// Throws: shape_error unless the logits are one row per sample and one column per class: labels index them.
inline void check_logits(petra::shape const& s, index_t samples, index_t classes, char const* who) {
  if (s.rows() != samples || s.back() != classes)
    throw_error<shape_error>({who, ": expected ", samples, " x ", classes,
                              " outputs (samples x classes of the data), found ", s.rows(), " x ", s.back(),
                              "; change the last layer, or flatten the map before it"});
}

// Sets of sequences (L,C) that say how many steps each has; what is behind them is padding.
template <class D>
concept variable_length = data::samples<D> && requires(D const& set, index_t i) {
  { set.steps(i) } -> std::convertible_to<index_t>;
};
// length (n): steps of the samples order[first .. first + n), at most L.
template <variable_length D>
void lengths_of(D const& set, std::span<index_t const> order, index_t first, index_t n, std::int32_t* length) {
  index_t const most = set.sample_shape()[0];
  for (index_t i = 0; i < n; ++i)
    length[i] =
        static_cast<std::int32_t>(std::min<index_t>(set.steps(order[static_cast<std::size_t>(first + i)]), most));
}

// Whether some samples of the set end before others: then what stands behind them is padding.
template <class D>
[[gnu::cold]] bool has_padding(D const& set) {
  if constexpr (variable_length<D>)
    for (index_t i = 0, most = set.sample_shape()[0]; i < set.size(); ++i)
      if (set.steps(i) < most) return true;
  return false;
}

// Samples order[first .. first + n) of the set in x, as a constant of the tape with the lengths it has; answers as
// data::fill_batch. Pre: x outlives the tape's step.
template <data::dataset D>
var batch_input(tape<float>& t, D const& set, std::span<index_t const> order, index_t first, index_t n, float* x,
                data::answer<D>* answers = nullptr) {
  data::fill_batch(set, order, first, n, x, answers);
  var const input = t.constant(data::batch_shape(set, n), x);
  if constexpr (variable_length<D>) {
    auto* const length = t.take<std::int32_t>(n);
    lengths_of(set, order, first, n, length);
    t.set_length(input, length);
  }
  return input;
}

// f(outputs (n,C), first index, n) for every batch of the set, in order, without gradients; or f(outputs, first, n, C) for a
// model whose outputs are as many as it likes (embeddings).
// Throws: shape_error when the model has another number of outputs than the set asks for.
template <class Model, data::dataset D, class F>
void for_each_batch(Model& model, D const& set, index_t batch, F&& f, petra::workers const& workers = {}) {
  tape<float> t;
  t.workers = workers;
  t.training = false;
  std::vector<index_t> order(static_cast<std::size_t>(set.size()));
  std::iota(order.begin(), order.end(), index_t{0});
  tensor<float> x(data::batch_shape(set, batch));
  for (index_t first = 0; first < set.size(); first += batch) {
    index_t const n = std::min(batch, set.size() - first);
    t.reset();
    var const y = model.forward(t, batch_input(t, set, order, first, n, x.data()));
    auto const& s = t.shape(y);
    if constexpr (requires { f(t.value(y), first, n, n); }) {
      check_logits(s, n, s.back(), "evaluate");
      f(t.value(y), first, n, s.back());
    } else {
      check_logits(s, n, data::outputs(set), "evaluate");
      f(t.value(y), first, n);
    }
  }
}

// Share of samples whose largest logit is their label, in [0, 1].
template <class Model, data::labeled D>
double accuracy(Model& model, D const& set, index_t batch = 128, petra::workers const& workers = {}) {
  index_t right = 0;
  auto const count = [&](float const* logits, index_t first, index_t n) {
    for (index_t i = 0; i < n; ++i) right += argmax(logits + i * set.classes(), set.classes()) == set.label(first + i);
  };
  for_each_batch(model, set, batch, count, workers);
  return static_cast<double>(right) / static_cast<double>(std::max<index_t>(set.size(), 1));
}

}  // namespace petra::nn
