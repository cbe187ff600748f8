// The training loop: shuffled batches, forward, backward, optimizer step; early stopping, checkpoint and resume.
//
// Deterministic: a pure function of (model, data, settings), whether or not it was interrupted and resumed, on any number of
// threads. After the first step a step allocates nothing.
#pragma once
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <string>

#include "petra/nn/batches.hpp"
#include "petra/nn/checkpoint.hpp"
#include "petra/nn/embed.hpp"
#include "petra/nn/loss.hpp"
#include "petra/nn/metrics/accuracy.hpp"
#include "petra/nn/metrics/nearest.hpp"
#include "petra/nn/metrics/regression.hpp"
#include "petra/nn/not_finite.hpp"
#include "petra/nn/predict.hpp"
#include "petra/nn/progress.hpp"

namespace petra::inline PETRA_ABI::nn {

// Losses of embeddings: outputs are not one per class.
template <class L>
constexpr bool embeds = requires {
  requires L::embeds;
};
template <class... L>
constexpr bool embeds<loss_sum<L...>> = (embeds<L> || ...);

// What a validation set is judged by where fit is told nothing else.
template <class D, class Loss>
using default_metric = std::conditional_t<data::targeted<D>, metric::rmse,
                                          std::conditional_t<embeds<Loss>, metric::nearest, metric::accuracy>>;

namespace detail {

// The loss of a batch, its terms appended to `values`.
template <class Loss, class Answer>
var loss_of(Loss const& loss, tape<float>& t, var outputs, Answer const* answers, term_values& values) {
  if constexpr (is_loss_sum<Loss>)
    return loss.evaluate(t, outputs, answers, &values);
  else
    return loss(t, outputs, answers);
}
// With mixup: that of the samples and that of their partners, by their shares.
template <class Loss, data::dataset D>
var loss_of(Loss const& loss, tape<float>& t, var outputs, batch_of<D> const& b, term_values& values) {
  values.clear();
  var const own = loss_of(loss, t, outputs, b.answers.data(), values);
  if (b.partner.empty()) return own;
  std::size_t const n = values.size();
  var const other = loss_of(loss, t, outputs, b.partner.data(), values);
  for (std::size_t i = 0; i < n; ++i)
    values[i].value += static_cast<double>(1 - b.share) * (values[n + i].value - values[i].value);
  values.resize(n);
  return ops::add_scaled(t, ops::add_scaled(t, var{}, own, b.share), other, 1 - b.share);
}

// Throws: shape_error for a class that the set does not have, training_error for a number that is not finite; both name the
// record.
template <data::dataset D, class Stream>
void check_answers(D const& set, batch_of<D> const& b, Stream const& batches, index_t step) {
  index_t const each = data::answers(set), n = static_cast<index_t>(b.answers.size());
  for (index_t i = 0; i < n; ++i) {
    auto const a = b.answers[static_cast<std::size_t>(i)];
    if constexpr (data::labeled<D>) {
      if (a < 0 || a >= set.classes())
        throw_error<shape_error>({"fit: expected labels in [0, ", set.classes(), "), found ", a, " at record ",
                                  batches.record(step, i), " of the training data"});
    } else if (!std::isfinite(a)) {
      throw_error<training_error>({"fit: expected finite numbers to predict, found ", a, " at record ",
                                   batches.record(step, i / each), " of the training data"});
    }
  }
}

// What a step that went wrong was: where the first number came that is not finite, and which records it saw.
template <class Stream>
[[gnu::cold]] std::string blame(tape<float>& t, parameters const& known, tensor<float> const& x, Stream const& batches,
                                index_t step) {
  index_t const n = x.shape()[0], count = x.size() / n;
  for (index_t i = 0; i < x.size(); ++i)
    if (!std::isfinite(x[i]))
      return concat(
          {"; first not finite: the input, at record ", batches.record(step, i / count), " of the training data"});
  std::string const where = first_not_finite(t, known);
  std::string all = concat({"; first not finite: ", where.empty() ? "a regularizer" : where, "; batch of the records"});
  constexpr index_t most = 8;
  for (index_t i = 0; i < std::min(n, most); ++i) append(all, {i == 0 ? " " : ", ", batches.record(step, i)});
  return n > most ? all + ", ..." : all;
}

// The metrics of a history, more is better; losses where nothing was validated.
inline void scores_of(std::vector<epoch_record> const& history, bool validated, bool higher_is_better,
                      std::vector<double>& scores) {
  scores.clear();
  for (auto const& h : history) scores.push_back(!validated ? -h.loss : higher_is_better ? h.metric : -h.metric);
}

// The metric of a model on a set. Throws: shape_error, and what the metric throws.
template <class Loss, class Model, class D, class Metric>
[[gnu::cold]] double measured(Model& model, D const& set, Metric const& metric, petra::workers const& threads) {
  if constexpr (embeds<Loss>) {
    auto const e = embed(model, set, 128, threads);
    auto const labels = answers_of(set);
    return metric(e.span(), std::span<data::answer<D> const>(labels), e.cols());
  } else {
    return evaluate(model, set, metric, 128, threads);
  }
}

}  // namespace detail

// Trains `model` on `train`; with `valid` != nullptr it is evaluated by `metric` after every epoch.
// loss(tape, outputs, answers) -> var: answers are classes (N), or numbers (N,targets); a sum of losses and regularizers
// (nn/loss_terms.hpp) likewise. monitor(progress const&). augment: in place of the settings' (data/augment.hpp).
// Throws: setting_error, shape_error, io_error (checkpoint), training_error when the loss is not finite, stopped.
template <class Model, data::dataset D, class Loss = loss::cross_entropy, class Monitor = silent,
          class Metric = default_metric<D, Loss>, class Augment = settings_augmentation>
[[gnu::cold]] std::vector<epoch_record> fit(Model& model, D const& train, std::type_identity_t<D> const* valid,
                                            fit_settings const& s, Loss const& loss = {}, Monitor&& monitor = {},
                                            Metric const& metric = {}, Augment const& augment = {}) {
  check(s, train.size());
  index_t const steps = train.size() / (s.batch / s.views);
  training_state<Model> state{.model = model, .optimizer = optimizer(s.optimizer), .history = {}, .best = model};
  std::vector<char const*> names;
  if constexpr (is_loss_sum<Loss>) names = loss.names();
  if (names.size() < 2) names.clear();
  state.term_sums.resize(names.size());
  training_identity of;
  if (!s.checkpoint.empty()) {
    of = {data::dataset_hash(train), description(loss)};
    if (valid != nullptr) of.data = key(of.data, data::dataset_hash(*valid));
    if (::access(s.checkpoint.c_str(), F_OK) == 0) s.checkpoint.files->load(s.checkpoint, state.parts(), s, of, names);
  }
  parameters known(members_of(state.model), s.groups);
  known.expect(state.places);
  auto const save = [&] {
    state.places.clear();
    for (std::size_t i = 0; i < known.size(); ++i) state.places.push_back(known[i].path);
    s.checkpoint.files->save(s.checkpoint, state.parts(), s, of);
  };

  tape<float> t;
  t.workers = s.workers;
  t.bf16 = s.bf16;
  batch_stream<D, Augment> batches(train, s, augment);
  term_values terms;
  std::vector<double> scores;
  using clock = std::chrono::steady_clock;
  auto const started = clock::now();
  index_t done = 0;  // steps of this call
  progress p{.epochs = s.epochs, .steps = steps, .metric_name = Metric::name, .share = Metric::higher_is_better};

  p.epoch = static_cast<index_t>(state.history.size());
  while (p.epoch < s.epochs && !(s.patience > 0 && state.since_best >= s.patience)) {
    batches.begin_epoch(p.epoch);
    detail::scores_of(state.history, valid != nullptr, Metric::higher_is_better, scores);
    p.epoch_done = false;
    for (p.step = state.step; p.step < steps;) {
      if (s.stop != nullptr && s.stop->load(std::memory_order_relaxed))
        throw stopped("training stopped before its end");
      auto& b = batches.get(p.step);
      detail::check_answers(train, b, batches, p.step);

      t.reset();
      t.noise_key = key(s.seed, 0x6e6f697365u, p.epoch, p.step);
      var const input = t.constant(b.x.shape(), b.x.data());
      if (!b.lengths.empty()) t.set_length(input, b.lengths.data());
      var const outputs = state.model.forward(t, input);
      if (!embeds<Loss> || t.shape(outputs).rows() != s.batch)
        check_logits(t.shape(outputs), s.batch, data::outputs(train), "fit");
      var const l = detail::loss_of(loss, t, outputs, b, terms);
      t.backward(l);
      auto const now = known.gather(t);
      std::size_t const losses = terms.size();
      double value = static_cast<double>(*t.value(l));
      if constexpr (is_loss_sum<Loss>) loss.penalize(known, now, terms);
      for (std::size_t i = losses; i < terms.size(); ++i) value += terms[i].value;
      if (!std::isfinite(value))
        throw_error<training_error>({"training: the loss is ", value, " in epoch ", p.epoch + 1, ", step ", p.step + 1,
                                     detail::blame(t, known, b.x, batches, p.step), "; lower the learning rate (now ",
                                     s.learning_rate, ") or check the data for NaN"});
      clip_gradients(now, s.clipping);
      float const at = static_cast<float>(p.epoch * steps + p.step) / static_cast<float>(s.epochs * steps);
      update(state.optimizer, known, now, s.learning_rate * rate_factor(s.schedule, at, {scores.data(), scores.size()}),
             s.workers);
      if (s.average > 0) state.averages.follow(known, s.average, state.optimizer.steps());

      state.loss_sum += value;
      for (std::size_t i = 0; i < names.size(); ++i) state.term_sums[i] += terms[i].value;
      state.step = ++p.step;
      ++done;
      auto const so_far = static_cast<double>(p.step);
      for (std::size_t i = 0; i < names.size(); ++i) terms[i].value = state.term_sums[i] / so_far;
      if (names.empty()) terms.clear();
      double const seconds = std::chrono::duration<double>(clock::now() - started).count();
      p.loss = state.loss_sum / so_far;
      p.terms = terms;
      p.samples_per_s = static_cast<double>(done * s.batch) / std::max(seconds, 1e-9);
      p.seconds_left = static_cast<double>((s.epochs - p.epoch) * steps - p.step) * seconds / static_cast<double>(done);
      if (p.step == steps) break;
      if (s.checkpoint_every > 0 && !s.checkpoint.empty() && p.step % s.checkpoint_every == 0) save();
      monitor(static_cast<progress const&>(p));
    }
    if (s.average > 0) state.averages.exchange(known);
    epoch_record record{state.loss_sum / static_cast<double>(steps), -1, terms};
    if (valid != nullptr) record.metric = detail::measured<Loss>(state.model, *valid, metric, s.workers);
    p.metric = record.metric;
    state.finish_epoch(std::move(record), s.patience > 0 && valid != nullptr, state.model, Metric::higher_is_better);
    if (s.average > 0) state.averages.exchange(known);
    ++p.epoch;
    p.epoch_done = true;
    if (!s.checkpoint.empty()) save();
    monitor(static_cast<progress const&>(p));
  }
  bool const stopped_early = s.patience > 0 && valid != nullptr && !state.history.empty();
  if (s.average > 0 && !stopped_early) state.averages.exchange(known);
  model = stopped_early ? std::move(state.best) : std::move(state.model);
  return std::move(state.history);
}

}  // namespace petra::nn
