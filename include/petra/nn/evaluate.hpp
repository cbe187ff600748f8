// Quality of a trainable model on a data set.
#pragma once
#include <numeric>
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

// f(logits (n,C), first index, n) for every batch of the set, in order, without gradients.
// Throws: shape_error when the model has another number of outputs than the set has classes.
template <class Model, data::dataset D, class F>
void for_each_batch(Model& model, D const& set, index_t batch, F&& f) {
  auto const s = set.sample_shape();
  tape<float> t;
  t.training = false;
  std::vector<index_t> order(static_cast<std::size_t>(set.size()));
  std::iota(order.begin(), order.end(), index_t{0});
  tensor<float> x({batch, s[0], s[1], s[2]});
  for (index_t first = 0; first < set.size(); first += batch) {
    index_t const n = std::min(batch, set.size() - first);
    data::fill_batch(set, order, first, n, x.data(), nullptr);
    t.reset();
    var const y = model.forward(t, t.constant({n, s[0], s[1], s[2]}, x.data()));
    check_logits(t.shape(y), n, set.classes(), "evaluate");
    f(t.value(y), first, n);
  }
}

// Share of samples whose largest logit is their label, in [0, 1].
template <class Model, data::dataset D>
double accuracy(Model& model, D const& set, index_t batch = 128) {
  index_t right = 0;
  for_each_batch(model, set, batch, [&](float const* logits, index_t first, index_t n) {
    for (index_t i = 0; i < n; ++i) right += argmax(logits + i * set.classes(), set.classes()) == set.label(first + i);
  });
  return static_cast<double>(right) / static_cast<double>(std::max<index_t>(set.size(), 1));
}

}  // namespace petra::nn
