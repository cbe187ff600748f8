// What a genome is worth: the stages are applied to the opened model, the result is lowered, and everything is read off the
// lowered program. A pure function of (genome, model, data, seed, cost table), whatever the number of threads.
//
// Costs are judged before training: they are exact as soon as only training lies ahead, so a candidate beyond the limits is
// never trained. Candidates that begin with the same training stage share its trained state.
#pragma once
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <span>

#include "petra/core/string_table.hpp"
#include "petra/deploy/cost_table.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/nn/metrics/accuracy.hpp"
#include "petra/nn/metrics/regression.hpp"
#include "petra/nn/predict.hpp"
#include "petra/search/limits.hpp"
#include "petra/search/space.hpp"

namespace petra::inline PETRA_ABI::search {

// Share of samples that the lowered program labels right, in [0, 1].
// Throws: stopped.
template <data::dataset D>
double accuracy(deploy::program const& p, D const& set, std::atomic<bool> const* stop = nullptr) {
  deploy::session s(p);
  std::vector<float> x(static_cast<std::size_t>(p.input_size())), logits(static_cast<std::size_t>(p.output_size()));
  index_t right = 0;
  for (index_t i = 0; i < set.size(); ++i) {
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) throw stopped("stopped while measuring quality");
    set.read(i, x.data());
    s.run(x.data(), logits.data());
    right += nn::argmax(logits.data(), p.output_size()) == set.label(i);
  }
  return static_cast<double>(right) / static_cast<double>(std::max<index_t>(set.size(), 1));
}

// (N, outputs of the set): what the lowered program says of every sample, in the order of the set.
// Throws: stopped.
template <data::dataset D>
std::vector<float> predict(deploy::program const& p, D const& set, std::atomic<bool> const* stop = nullptr) {
  deploy::session s(p);
  index_t const width = p.output_size();
  std::vector<float> x(static_cast<std::size_t>(p.input_size())), all(static_cast<std::size_t>(set.size() * width));
  for (index_t i = 0; i < set.size(); ++i) {
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) throw stopped("stopped while measuring quality");
    set.read(i, x.data());
    s.run(x.data(), all.data() + i * width);
  }
  return all;
}

// A metric of the lowered program on a set. Throws: stopped, and what the metric throws.
template <data::dataset D, metric::metric_of<data::answer<D>> Metric>
double evaluate(deploy::program const& p, D const& set, Metric const& metric, std::atomic<bool> const* stop = nullptr) {
  auto const outputs = predict(p, set, stop);
  auto const answers = nn::answers_of(set);
  return metric(std::span<float const>(outputs), std::span<data::answer<D> const>(answers), p.output_size());
}

// What candidates on a set are judged by where nobody says: the share of right labels, or the root of the mean square error.
template <class D>
using usual_metric = std::conditional_t<data::labeled<D>, metric::accuracy, metric::rmse>;

// Metric: of nn/metrics/. Where less is better, the quality in the scores is minus its value: more is better in a search.
template <class Space, class Model, data::dataset D, metric::metric_of<data::answer<D>> Metric = usual_metric<D>>
class model_evaluator {
 public:
  using genome = typename Space::genome;
  using opened = decltype(Space::open(std::declval<Model const&>()));

  // `base`: data, seed and augmentation of every candidate; base.valid is where quality is measured, never trained on.
  // Everything must outlive it. Throws: setting_error when a bound is not positive.
  model_evaluator(Model const& model, context<D> const& base, deploy::cost_table const& costs, limits const& bounds,
                  Metric const& metric = {})
      : start_(Space::open(model)), base_(base), valid_(base.valid), costs_(&costs), bounds_(&bounds), metric_(metric) {
    expects(base.train != nullptr && base.valid != nullptr, "model_evaluator: a context with train and valid");
    padded_ = nn::has_padding(*base.train) || nn::has_padding(*base.valid);
    check(bounds);
    base_.valid = nullptr;
    base_.reports = nullptr;  // candidates run at the same time; nobody reads their notes
    base_.dry = false;
    base_.progress = nullptr;  // bars of several at once cannot be read
  }

  [[nodiscard]] evaluation operator()(genome const& g, stop_flag const& stop) const {
    return judged(g, stop, *bounds_);
  }

  // The same for what the others are compared with: no bound applies to it.
  // `progress`: where its first training shows a progress bar; null: nowhere.
  [[nodiscard]] evaluation baseline(genome const& g, stop_flag const& stop, std::FILE* progress = nullptr) const {
    static_cast<void>(trained_prefix(g, stop, progress));
    return judged(g, stop, {});
  }

  // Everything but the quality.
  [[nodiscard]] scores costs_of(deploy::program const& p) const {
    return {.latency_ns = costs_->latency_ns(p),
            .size_bytes = p.size_bytes(),
            .peak_activation_bytes = p.arena_bytes(),
            .macs = p.macs()};
  }
  // What the genome would lower to without any training: the same calls, unless weights decide what it costs.
  // Throws: stage_error when a stage finds nothing to change.
  [[nodiscard]] deploy::program untrained(genome const& g) const { return lowered_dry(g, 0, start_); }
  // What a feasible genome lowered to. Pre: it was evaluated.
  [[nodiscard]] std::shared_ptr<deploy::program const> program_of(genome const& g) const {
    std::lock_guard const lock(mutex_);
    index_t const i = program_names_.find(Space::text_of(g));
    expects(i >= 0, "model_evaluator: a genome that was evaluated and feasible");
    return programs_[static_cast<std::size_t>(i)];
  }
  // The state after the first training stage; trained once, whoever asks first.
  // Throws: what the stage throws; a training that goes wrong does so for everybody who shares it.
  [[nodiscard]] std::shared_ptr<opened const> trained_prefix(genome const& g, stop_flag const& stop,
                                                             std::FILE* progress = nullptr) const {
    if (!Space::trains(g[0])) return std::make_shared<opened const>(start_);
    std::shared_ptr<prefix> shared;
    {
      std::lock_guard const lock(mutex_);
      auto const i = static_cast<std::size_t>(prefix_names_.insert(Space::text_of(std::span(g).first(1))));
      if (i >= prefixes_.size()) prefixes_.resize(i + 1);
      if (prefixes_[i] == nullptr) prefixes_[i] = std::make_shared<prefix>();
      shared = prefixes_[i];
    }
    std::lock_guard const lock(shared->training);  // whoever comes while it trains waits here
    if (shared->failure) std::rethrow_exception(shared->failure);
    if (shared->state != nullptr) return shared->state;
    try {
      auto c = at(0, stop);
      c.progress = progress;
      return shared->state = std::make_shared<opened const>(Space::apply(g[0], start_, c));
    } catch (training_error const&) {  // it would go wrong again; after being stopped or out of memory it may not
      shared->failure = std::current_exception();
      throw;
    }
  }

 private:
  struct prefix {
    std::mutex training;  // guards the rest
    std::shared_ptr<opened const> state;
    std::exception_ptr failure;
  };

  [[nodiscard]] evaluation judged(genome const& g, stop_flag const& stop, limits const& bounds) const {
    if (!costs_depend_on_weights(g))
      if (auto e = beyond(bounds, g, 0, start_); e) return *e;
    auto state = trained_prefix(g, stop);
    for (std::size_t i = Space::trains(g[0]) ? 1 : 0; i < g.size(); ++i) {
      if (Space::trains(g[i]) && !costs_depend_on_weights(std::span(g).subspan(i)))
        if (auto e = beyond(bounds, g, i, *state); e) return *e;
      state = std::make_shared<opened const>(Space::apply(g[i], *state, at(i, stop)));
    }
    auto program = std::make_shared<deploy::program const>(deploy::lower(*state, valid_->sample_shape(), lowering()));
    scores s = costs_of(*program);
    if (auto const why = violation(bounds, s)) return beyond_limits(*why, excess(bounds, s), s);
    double const value = evaluate(*program, *valid_, metric_, &stop.raised_atomic());
    s.quality = Metric::higher_is_better ? value : -value;
    std::lock_guard const lock(mutex_);
    auto const i = static_cast<std::size_t>(program_names_.insert(Space::text_of(g)));
    if (i >= programs_.size()) programs_.resize(i + 1);
    programs_[i] = std::move(program);
    return measured(s);
  }
  [[nodiscard]] context<D> at(std::size_t i, stop_flag const& stop) const {
    context<D> c = base_;
    c.stop = &stop.raised_atomic();
    c.position = static_cast<index_t>(i) + 1;
    return c;
  }
  // Weights that these stages will have trained decide what the model costs: a rank by energy.
  static bool costs_depend_on_weights(std::span<typename Space::gene const> g) {
    bool any = false;
    for (auto const& x : g)
      match(x, [&](auto const& s) {
        if constexpr (requires { s.cost_depends_on_weights(); }) any = any || s.cost_depends_on_weights();
      });
    return any;
  }
  [[nodiscard]] deploy::program lowered_dry(genome const& g, std::size_t from, opened state) const {
    stop_flag const never;
    for (std::size_t i = from; i < g.size(); ++i) {
      auto c = at(i, never);
      c.dry = true;
      state = Space::apply(g[i], state, c);
    }
    return deploy::lower(state, valid_->sample_shape(), lowering());
  }
  [[nodiscard]] deploy::lower_settings lowering() const { return {.forms = nullptr, .padded = padded_}; }
  // The rest of the genome without its training: what the model will cost.
  [[nodiscard]] std::optional<evaluation> beyond(limits const& bounds, genome const& g, std::size_t from,
                                                 opened const& m) const {
    if (!bounds.size_bytes && !bounds.peak_activation_bytes && !bounds.latency_ns) return std::nullopt;
    scores const s = costs_of(lowered_dry(g, from, m));
    if (auto const why = violation(bounds, s)) return beyond_limits(*why, excess(bounds, s), s);
    return std::nullopt;
  }

  opened start_;
  context<D> base_;
  D const* valid_;
  bool padded_ = false;  // programs find where sequences end
  deploy::cost_table const* costs_;
  limits const* bounds_;
  Metric metric_;
  mutable std::mutex mutex_;  // guards the rest: what belongs to a name stands at its number
  mutable string_table prefix_names_, program_names_;
  mutable std::vector<std::shared_ptr<prefix>> prefixes_;
  mutable std::vector<std::shared_ptr<deploy::program const>> programs_;
};

}  // namespace petra::search
