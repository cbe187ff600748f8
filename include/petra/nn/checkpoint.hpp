// Models and half-finished trainings on disk (nn/tensor_file.hpp). A checkpoint is written atomically, after an epoch or in the
// middle of one, so a kill leaves the one before readable; resuming with another model, data set, seed or version names the
// difference.
#pragma once
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/core/text.hpp"
#include "petra/core/version.hpp"
#include "petra/nn/layer.hpp"
#include "petra/nn/loss_terms.hpp"
#include "petra/nn/schedule.hpp"
#include "petra/nn/tensor_file.hpp"
#include "petra/nn/update.hpp"

namespace petra::inline PETRA_ABI::nn {

struct epoch_record {
  double loss = 0;      // regularizers included
  double metric = -1;   // of the validation set; -1 without one
  term_values terms{};  // of a loss of several terms: the mean of each, its weight included
};

// Of a state, whatever its model is: what a checkpoint holds.
struct training_parts {
  std::vector<member> model, best;
  nn::optimizer& optimizer;
  std::vector<epoch_record>& history;
  index_t& since_best;
  index_t& step;
  double& loss_sum;
  std::vector<double>& term_sums;
  weight_averages& averages;
  std::vector<std::string>& places;
};

// Everything a training needs to go on.
template <class Model>
struct training_state {
  Model model;
  nn::optimizer optimizer;
  std::vector<epoch_record> history;
  Model best;
  index_t since_best = 0;  // epochs without a better metric
  index_t step = 0;        // of the epoch that is not done
  double loss_sum = 0;     // over these steps, and of each term
  std::vector<double> term_sums{};
  weight_averages averages{};
  std::vector<std::string> places{};  // paths of the parameters, in the order of their moments and averages

  [[gnu::cold]] training_parts parts() {
    return {members_of(model), members_of(best), optimizer, history, since_best, step,
            loss_sum,          term_sums,        averages,  places};
  }
  // now: the model that the metric is of.
  [[gnu::cold]] void finish_epoch(epoch_record r, bool keep_best, Model const& now, bool higher_is_better = true) {
    bool better = true;
    for (auto const& h : history) better = better && (higher_is_better ? r.metric > h.metric : r.metric < h.metric);
    history.push_back(std::move(r));
    step = 0;
    loss_sum = 0;
    std::fill(term_sums.begin(), term_sums.end(), 0.);
    if (!keep_best) return;
    since_best = better ? 0 : since_best + 1;
    if (better) best = now;
  }
};

// What a checkpoint belongs to besides its settings.
struct training_identity {
  std::uint64_t data = 0;
  std::string loss{};
};

// Every tensor and number, under prefix + its path.
template <class = void>
[[gnu::cold]] void put_members(tensor_file& f, std::string const& prefix, std::vector<member> const& all) {
  for (auto const& m : all)
    f.put(prefix + m.path, m.tensor != nullptr ? *m.tensor : tensor<float>({1}, {m.read(m.number)}));
}
// Throws: io_error when a name is missing or a tensor has another shape than all's (unless that is empty), or is no number.
template <class = void>
[[gnu::cold]] void get_members(tensor_file const& f, std::string const& prefix, std::vector<member> const& all) {
  for (auto const& m : all) {
    auto const& t = f.get(prefix + m.path);
    if (m.tensor != nullptr) {
      if (auto const& x = *m.tensor; !x.empty() && t.shape() != x.shape())
        throw_error<io_error>({f.path(), ": ", prefix, m.path, ": expected ", x.rows(), " x ", x.cols(), ", found ",
                               t.rows(), " x ", t.cols(), "; the file holds another model"});
      *m.tensor = t;
    } else {
      if (t.size() != 1 || !(std::abs(t[0]) < 0x1p24f))
        throw_error<io_error>({f.path(), ": ", prefix, m.path, ": expected one number below 2^24, found ",
                               t.size() == 1 ? piece(t[0]) : piece(t.size()), t.size() == 1 ? "" : " numbers"});
      m.write(m.number, t[0]);
    }
  }
}

template <class Model>
void save_model(std::string const& path, Model model) {
  tensor_file f;
  f.metadata["petra_version"] = version;
  put_members(f, "", members_of(model));
  f.save(path);
}
template <class Model>
Model load_model(std::string const& path, Model model) {
  get_members(tensor_file::load(path), "", members_of(model));
  return model;
}

// Nine digits tell every float from its neighbors; to_string has six after the point.
[[gnu::cold]] inline std::string nine_digits(std::span<float const> numbers) {
  std::string all;
  for (float const x : numbers) {
    char text[24];
    std::snprintf(text, sizeof text, "%.9g", static_cast<double>(x));
    append(all, {all.empty() ? "" : " ", text});
  }
  return all;
}
[[gnu::cold]] inline std::string nine_digits(std::initializer_list<float> numbers) {
  return nine_digits(std::span<float const>(numbers.begin(), numbers.size()));
}

// "cross_entropy 0.1 + 0.0001 group_lasso": a loss by its terms and their settings.
template <class Loss>
[[gnu::cold]] std::string description(Loss const& loss) {
  std::string all;
  if constexpr (is_loss_sum<Loss>) {
    auto add = [&](float weight, std::string const& term) {
      append(all, {all.empty() ? "" : " + ", nine_digits({weight}), " ", term});
    };
    loss.each([&]<class L>(scaled<L> const& s) {
      if constexpr (std::same_as<L, regularizer_list>)
        for (auto const& x : s.term)
          add(s.weight * x.weight, x.term.match([](auto const& r) { return description(r); }));
      else
        add(s.weight, description(s.term));
    });
  } else {
    all = loss_sum<Loss>::template name_of<Loss>();
    if constexpr (requires { loss.numbers(); }) append(all, {" ", nine_digits(loss.numbers())});
  }
  return all;
}

[[gnu::cold]] inline std::string text_of(optimizer_settings const& o) {
  return match(o, []<class O>(O const& x) {
    if constexpr (std::same_as<O, sgd>)
      return concat({"sgd ", nine_digits({x.momentum, x.weight_decay}), x.nesterov ? " nesterov" : ""});
    else if constexpr (std::same_as<O, rmsprop>)
      return concat({"rmsprop ", nine_digits({x.decay, x.eps, x.momentum, x.weight_decay})});
    else
      return concat(
          {std::same_as<O, adam> ? "adam " : "adamw ", nine_digits({x.beta1, x.beta2, x.eps, x.weight_decay})});
  });
}
[[gnu::cold]] inline std::string text_of(schedule_settings const& f) {
  return match(f, []<class F>(F const& x) {
    if constexpr (std::same_as<F, cosine>)
      return concat({"cosine ", nine_digits({x.end})});
    else if constexpr (std::same_as<F, one_cycle>)
      return concat({"one_cycle ", nine_digits({x.warm_up, x.start, x.end})});
    else if constexpr (std::same_as<F, warm_up>)
      return concat({"warm_up ", nine_digits({x.until, x.start})});
    else if constexpr (std::same_as<F, step_decay>)
      return concat({"step_decay ", nine_digits({x.factor}), " ", x.pieces});
    else if constexpr (std::same_as<F, plateau>)
      return concat({"plateau ", nine_digits({x.factor}), " ", x.patience});
    else
      return std::string("constant_rate");
  });
}

// Everything that decides where a training goes, as text. Threads and who reads ahead do not.
template <class = void>
[[gnu::cold]] json fingerprint(fit_settings const& s, training_identity const& of) {
  json all{json::object{}};
  auto const put = [&](char const* name, std::initializer_list<piece> value) { all[name] = concat(value); };
  std::string groups;
  for (auto const& g : s.groups)
    append(groups,
           {g.path, " ", nine_digits({g.rate}), " ", g.weight_decay ? nine_digits({*g.weight_decay}) : "", "; "});
  put("petra_version", {version});
  put("data", {of.data});
  put("seed", {s.seed});
  put("epochs", {s.epochs});
  put("batch", {s.batch});
  put("learning_rate", {nine_digits({s.learning_rate})});
  put("optimizer", {text_of(s.optimizer)});
  put("schedule", {text_of(s.schedule)});
  put("patience", {s.patience});
  put("augment",
      {s.augment ? std::to_string(s.augmentation.pad) : "none", s.augment && s.augmentation.flip ? " flip" : ""});
  put("loss", {of.loss});
  put("clipping", {nine_digits({s.clipping.norm, s.clipping.value})});
  put("average", {nine_digits({s.average})});
  put("groups", {groups});
  put("mixup", {nine_digits({s.mixup})});
  put("views", {s.views});
  put("products", {s.bf16 == nullptr ? "float" : "bf16"});
  return all;
}

namespace detail {

// Lists of numbers and of texts as JSON text.
template <class = void>
[[gnu::cold]] std::string numbers_text(double first, std::vector<double> const& rest) {
  json all{json::array{}};
  all.push_back(first);
  for (double const x : rest) all.push_back(x);
  return all.dump();
}
template <class = void>
[[gnu::cold]] std::vector<double> numbers_of(json const& list, char const* name) {
  std::vector<double> all;
  for (auto const& x : list.as_array(name)) all.push_back(x.as_double(name));
  return all;
}

}  // namespace detail

template <class = void>
[[gnu::cold]] void save_parts(std::string const& path, training_parts const& state, fit_settings const& s,
                              training_identity const& of) {
  tensor_file f;
  f.metadata = fingerprint(s, of);
  json history{json::array{}}, places{json::array{}};
  for (auto const& h : state.history) {
    json one{json::array{json(h.loss), json(h.metric)}};
    for (auto const& t : h.terms) one.push_back(t.value);
    history.push_back(one);
  }
  for (auto const& p : state.places) places.push_back(p);
  f.metadata["history"] = history.dump();
  f.metadata["since_best"] = std::to_string(state.since_best);
  f.metadata["steps"] = std::to_string(state.optimizer.steps());
  f.metadata["step"] = std::to_string(state.step);
  f.metadata["sums"] = detail::numbers_text(state.loss_sum, state.term_sums);
  f.metadata["places"] = places.dump();
  f.metadata["moments"] = std::to_string(state.optimizer.state().size());
  f.metadata["averages"] = std::to_string(state.averages.state().size());
  f.metadata["members"] = std::to_string(state.model.size());
  put_members(f, "model.", state.model);
  put_members(f, "best.", state.best);
  for (std::size_t i = 0; i < state.optimizer.state().size(); ++i)
    put_members(f, concat({"optimizer.", i, "."}), members_of(state.optimizer.state()[i]));
  for (std::size_t i = 0; i < state.averages.state().size(); ++i)
    f.put(concat({"average.", i}), state.averages.state()[i]);
  f.save(path);
}

// A malformed file leaves a part of it in `fresh`. Throws: as load_checkpoint.
template <class = void>
[[gnu::cold]] void load_parts(std::string const& path, training_parts const& fresh, fit_settings const& s,
                              training_identity const& of, std::vector<char const*> const& terms) {
  tensor_file const f = tensor_file::load(path);
  auto text = [&](char const* name) -> std::string const& {
    json const* const value = f.metadata.find(name);
    if (value == nullptr || !value->is_string())
      throw_error<io_error>({path, ": expected ", name, " in the metadata, found none; the file is no checkpoint"});
    return value->as_string();
  };
  json const ours = fingerprint(s, of);
  for (auto const& [name, value] : ours.as_object())
    if (text(name.c_str()) != value.as_string())
      throw_error<io_error>({path, ": cannot resume: this training has ", name, " ", value.as_string(),
                             ", the checkpoint has ", text(name.c_str()), "; delete the file to start anew"});
  auto number = [&](char const* name) {
    auto const n = static_cast<index_t>(json::parse(text(name), path).as_int(name));
    if (n < 0 || n >= index_t{1} << 48) throw_error<io_error>({path, ": expected ", name, " in [0, 2^48), found ", n});
    return n;
  };
  json const history = json::parse(text("history"), path);
  for (auto const& h : history.as_array("history")) {
    auto const all = detail::numbers_of(h, "history");
    if (all.size() != 2 + (terms.size() > 1 ? terms.size() : 0))
      throw_error<io_error>({path, ": expected a loss, a metric and ", terms.size(), " terms in history, found ",
                             all.size(), " numbers"});
    epoch_record r{all[0], all[1]};
    for (std::size_t i = 2; i < all.size(); ++i) r.terms.push_back({terms[i - 2], all[i]});
    fresh.history.push_back(std::move(r));
  }
  fresh.since_best = number("since_best");
  fresh.optimizer.steps() = number("steps");
  fresh.step = number("step");
  auto const sums = detail::numbers_of(json::parse(text("sums"), path), "sums");
  if (sums.size() != 1 + (terms.size() > 1 ? terms.size() : 0))
    throw_error<io_error>({path, ": expected a sum for the loss and for each of ", terms.size(), " terms, found ",
                           sums.size(), " numbers"});
  fresh.loss_sum = sums[0];
  fresh.term_sums.assign(sums.begin() + 1, sums.end());
  json const places = json::parse(text("places"), path);
  for (auto const& p : places.as_array("places")) fresh.places.push_back(p.as_string("places"));
  if (static_cast<index_t>(fresh.places.size()) > number("moments"))
    throw_error<io_error>(
        {path, ": expected moments of ", fresh.places.size(), " parameters, found ", number("moments")});
  get_members(f, "model.", fresh.model);
  if (number("members") != static_cast<index_t>(fresh.model.size()))
    throw_error<io_error>({path, ": cannot resume: this model has ", fresh.model.size(),
                           " tensors and numbers, the checkpoint ", number("members"),
                           "; the file holds another model"});
  get_members(f, "best.", fresh.best);
  for (index_t i = 0; i < number("moments"); ++i)
    get_members(f, concat({"optimizer.", i, "."}), members_of(fresh.optimizer.state().emplace_back()));
  for (index_t i = 0; i < number("averages"); ++i) fresh.averages.state().push_back(f.get(concat({"average.", i})));
}

// What fit_settings::checkpoint brings.
struct checkpoint_functions {
  decltype(&save_parts<>) save;
  decltype(&load_parts<>) load;
};
template <class>
checkpoint_functions const& checkpoint_files() {
  static constexpr checkpoint_functions all{&save_parts<>, &load_parts<>};
  return all;
}

template <class Model>
[[gnu::cold]] void save_checkpoint(std::string const& path, training_state<Model>& state, fit_settings const& s,
                                   training_identity const& of) {
  save_parts(path, state.parts(), s, of);
}
// terms: names of the loss's terms, for the history. A malformed file leaves the state alone.
// Throws: io_error when the file is malformed, or belongs to another training: says which setting differs.
template <class Model>
[[gnu::cold]] void load_checkpoint(std::string const& path, training_state<Model>& state, fit_settings const& s,
                                   training_identity const& of, std::vector<char const*> const& terms = {}) {
  auto fresh = state;
  load_parts(path, fresh.parts(), s, of, terms);
  state = std::move(fresh);
}

}  // namespace petra::nn
