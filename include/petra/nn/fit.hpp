// The training loop: shuffled batches, forward, backward, optimizer step; early stopping, checkpoint and resume.
//
// Deterministic: a pure function of (model, data, settings), whether or not it was interrupted and resumed, on any number of
// threads.
#pragma once
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <string>

#include "petra/core/match.hpp"
#include "petra/nn/checkpoint.hpp"
#include "petra/nn/evaluate.hpp"
#include "petra/nn/loss.hpp"
#include "petra/nn/optimizer.hpp"
#include "petra/nn/progress.hpp"
#include "petra/nn/schedule.hpp"

namespace petra::inline PETRA_ABI::nn {

struct fit_settings {
  index_t epochs = 10;
  index_t batch = 64;          // samples per step; the last, smaller batch of an epoch is left out
  float learning_rate = 0.1f;  // peak
  optimizer_settings optimizer = sgd{};
  schedule_settings schedule = one_cycle{};
  bool augment = true;  // crop and flip by `augmentation`
  data::crop_flip augmentation{};
  std::uint64_t seed = 1;
  index_t patience = 0;      // > 0: stop after so many epochs without a better metric and return the best model
  std::string checkpoint{};  // file; "" = none. Written after every epoch, read if it is there
  std::atomic<bool> const* stop = nullptr;  // looked at before every step
  petra::workers workers{};                 // threads: `tbb_executor::lend()`; none: the calling one
};

// Throws: setting_error.
inline void check(fit_settings const& s, index_t samples) {
  auto fail = [](std::string const& what) { throw_error<setting_error>({"fit: ", what}); };
  if (s.epochs < 0) fail("epochs must be >= 0, found " + std::to_string(s.epochs));
  if (s.batch < 1) fail("batch must be >= 1, found " + std::to_string(s.batch));
  if (!(s.learning_rate > 0)) fail("learning_rate must be > 0, found " + std::to_string(s.learning_rate));
  if (samples < s.batch)
    fail("expected at least one batch of " + std::to_string(s.batch) + " samples, found " + std::to_string(samples) +
         "; use a smaller batch or more data");
}

// Trains `model` on `train`; with `valid` != nullptr it is evaluated after every epoch.
// loss(tape, outputs, answers) -> var: answers are classes (N), or numbers (N,targets); monitor(progress const&).
// Throws: setting_error, shape_error, io_error (checkpoint), training_error when the loss is not finite, stopped.
template <class Model, data::dataset D, class Loss = loss::cross_entropy, class Monitor = silent>
[[gnu::cold]] std::vector<epoch_record> fit(Model& model, D const& train, D const* valid, fit_settings const& s,
                                            Loss const& loss = {}, Monitor&& monitor = {}) {
  check(s, train.size());
  index_t const steps = train.size() / s.batch;
  training_state<Model> state{model, optimizer(s.optimizer), {}, model, 0};
  std::uint64_t identity = 0;  // of the data
  if (!s.checkpoint.empty()) {
    identity = data::dataset_hash(train);
    if (valid != nullptr) identity = key(identity, data::dataset_hash(*valid));
  }
  if (!s.checkpoint.empty() && ::access(s.checkpoint.c_str(), F_OK) == 0)
    load_checkpoint(s.checkpoint, state, s, identity);

  tape<float> t;
  t.workers = s.workers;
  tensor<float> x(batch_shape(train, s.batch));
  std::vector<data::answer<D>> answers(static_cast<std::size_t>(s.batch * data::answers(train)));
  using clock = std::chrono::steady_clock;
  auto const started = clock::now();
  index_t done = 0;  // steps of this call
  auto const first_epoch = static_cast<index_t>(state.history.size());
  progress p{.epochs = s.epochs, .steps = steps};

  for (p.epoch = first_epoch; p.epoch < s.epochs && !(s.patience > 0 && state.since_best >= s.patience);) {
    auto const order = data::epoch_order(train.size(), s.seed, p.epoch);
    double sum = 0;
    p.epoch_done = false;
    for (p.step = 0; p.step < steps;) {
      if (s.stop != nullptr && s.stop->load(std::memory_order_relaxed))
        throw stopped("training stopped before its end");
      std::uint64_t const epoch_key = key(s.seed, 0x617567u, p.epoch);
      if (s.augment)
        data::fill_batch(train, order, p.step * s.batch, s.batch, x.data(), answers.data(), s.augmentation, epoch_key);
      else
        data::fill_batch(train, order, p.step * s.batch, s.batch, x.data(), answers.data());

      t.reset();
      t.noise_key = key(s.seed, 0x6e6f697365u, p.epoch, p.step);
      var const logits = state.model.forward(t, t.constant(x.shape(), x.data()));
      check_logits(t.shape(logits), s.batch, data::outputs(train), "fit");
      var const l = loss(t, logits, answers.data());
      double const value = static_cast<double>(*t.value(l));
      if (!std::isfinite(value))
        throw_error<training_error>({"training: the loss is ", value, " in epoch ", p.epoch + 1, ", step ", p.step + 1,
                                     "; lower the learning rate (now ", s.learning_rate,
                                     ") or check the data for NaN"});
      t.backward(l);
      float const at = static_cast<float>(p.epoch * steps + p.step) / static_cast<float>(s.epochs * steps);
      float const rate = s.learning_rate * match(s.schedule, [&](auto const& f) { return f(at); });
      state.optimizer.begin_step();
      for (auto const& n : t.nodes())
        if (n.parameter != nullptr && n.grad != nullptr) state.optimizer.update(*n.parameter, n.grad, rate);

      sum += value;
      ++p.step;
      ++done;
      double const seconds = std::chrono::duration<double>(clock::now() - started).count();
      p.loss = sum / static_cast<double>(p.step);
      p.samples_per_s = static_cast<double>(done * s.batch) / std::max(seconds, 1e-9);
      p.seconds_left = static_cast<double>((s.epochs - p.epoch) * steps - p.step) * seconds / static_cast<double>(done);
      if (p.step < steps) monitor(static_cast<progress const&>(p));
    }
    epoch_record record{p.loss, -1};
    if (valid != nullptr) record.metric = accuracy(state.model, *valid, 128, s.workers);
    state.finish_epoch(record, s.patience > 0 && valid != nullptr);
    ++p.epoch;
    p.metric = record.metric;
    p.epoch_done = true;
    if (!s.checkpoint.empty()) save_checkpoint(s.checkpoint, state, s, identity);
    monitor(static_cast<progress const&>(p));
  }
  model = s.patience > 0 && valid != nullptr && !state.history.empty() ? std::move(state.best) : std::move(state.model);
  return std::move(state.history);
}

}  // namespace petra::nn
