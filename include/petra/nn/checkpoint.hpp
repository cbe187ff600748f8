// Models and half-finished trainings on disk (nn/tensor_file.hpp). A checkpoint is written atomically after an epoch, so a kill
// leaves the one before readable; resuming with another model, data set, seed or version names the difference.
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
#include "petra/nn/optimizer.hpp"
#include "petra/nn/schedule.hpp"
#include "petra/nn/tensor_file.hpp"

namespace petra::inline PETRA_ABI::nn {

struct epoch_record {
  double loss = 0;
  double metric = -1;  // validation accuracy; -1 without a validation set
};

// Everything a training needs to go on.
template <class Model>
struct training_state {
  Model model;
  nn::optimizer optimizer;
  std::vector<epoch_record> history;
  Model best;
  index_t since_best = 0;  // epochs without a better metric

  void finish_epoch(epoch_record r, bool keep_best) {
    double top = -1;
    for (auto const& h : history) top = std::max(top, h.metric);
    history.push_back(r);
    if (!keep_best) return;
    since_best = r.metric > top ? 0 : since_best + 1;
    if (since_best == 0) best = model;
  }
};

// Every tensor and number, under prefix + its path.
[[gnu::cold]] inline void put_members(tensor_file& f, std::string const& prefix, std::vector<member> const& all) {
  for (auto const& m : all)
    f.put(prefix + m.path, m.tensor != nullptr ? *m.tensor : tensor<float>({1}, {m.read(m.number)}));
}
// Throws: io_error when a name is missing or a tensor has another shape than all's (unless that is empty), or is no number.
[[gnu::cold]] inline void get_members(tensor_file const& f, std::string const& prefix, std::vector<member> const& all) {
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
[[gnu::cold]] inline std::string nine_digits(std::initializer_list<float> numbers) {
  std::string all;
  char text[32];
  for (float const x : numbers) {
    std::snprintf(text, sizeof text, all.empty() ? "%.9g" : " %.9g", static_cast<double>(x));
    all += text;
  }
  return all;
}

// What a checkpoint must agree with to be resumed. The loss is not among it: it has no name.
template <class Settings>
[[gnu::cold]] json fingerprint(Settings const& s, std::uint64_t data) {
  json all{json::object{}};
  auto const put = [&](char const* name, std::initializer_list<piece> value) { all[name] = concat(value); };
  put("petra_version", {version});
  put("data", {data});
  put("seed", {s.seed});
  put("epochs", {s.epochs});
  put("batch", {s.batch});
  put("learning_rate", {nine_digits({s.learning_rate})});
  if (auto const* const o = std::get_if<sgd>(&s.optimizer))
    put("optimizer", {"sgd ", nine_digits({o->momentum, o->weight_decay}), o->nesterov ? " nesterov" : ""});
  if (auto const* const o = std::get_if<adam>(&s.optimizer))
    put("optimizer", {"adam ", nine_digits({o->beta1, o->beta2, o->eps, o->weight_decay})});
  if (auto const* const c = std::get_if<cosine>(&s.schedule)) put("schedule", {"cosine ", nine_digits({c->end})});
  if (auto const* const c = std::get_if<one_cycle>(&s.schedule))
    put("schedule", {"one_cycle ", nine_digits({c->warm_up, c->start, c->end})});
  put("patience", {s.patience});
  put("augment",
      {s.augment ? std::to_string(s.augmentation.pad) : "none", s.augment && s.augmentation.flip ? " flip" : ""});
  return all;
}

template <class Model, class Settings>
[[gnu::cold]] void save_checkpoint(std::string const& path, training_state<Model>& state, Settings const& s,
                                   std::uint64_t data) {
  tensor_file f;
  f.metadata = fingerprint(s, data);
  json history{json::array{}};
  for (auto const& h : state.history) history.push_back(json::array{json(h.loss), json(h.metric)});
  f.metadata["history"] = history.dump();
  f.metadata["since_best"] = std::to_string(state.since_best);
  f.metadata["steps"] = std::to_string(state.optimizer.steps());
  f.metadata["moments"] = std::to_string(state.optimizer.state().size());
  put_members(f, "model.", members_of(state.model));
  put_members(f, "best.", members_of(state.best));
  for (std::size_t i = 0; i < state.optimizer.state().size(); ++i)
    put_members(f, concat({"optimizer.", i, "."}), members_of(state.optimizer.state()[i]));
  f.save(path);
}

// Throws: io_error when the file is malformed, or belongs to another training: says which setting differs.
template <class Model, class Settings>
[[gnu::cold]] void load_checkpoint(std::string const& path, training_state<Model>& state, Settings const& s,
                                   std::uint64_t data) {
  tensor_file const f = tensor_file::load(path);
  auto text = [&](char const* name) -> std::string const& {
    json const* const value = f.metadata.find(name);
    if (value == nullptr || !value->is_string())
      throw_error<io_error>({path, ": expected ", name, " in the metadata, found none; the file is no checkpoint"});
    return value->as_string();
  };
  json const ours = fingerprint(s, data);
  for (auto const& [name, value] : ours.as_object())
    if (text(name.c_str()) != value.as_string())
      throw_error<io_error>({path, ": cannot resume: this training has ", name, " ", value.as_string(),
                             ", the checkpoint has ", text(name.c_str()), "; delete the file to start anew"});
  auto number = [&](char const* name) {
    auto const n = static_cast<index_t>(json::parse(text(name), path).as_int(name));
    if (n < 0 || n >= index_t{1} << 48) throw_error<io_error>({path, ": expected ", name, " in [0, 2^48), found ", n});
    return n;
  };
  // Into copies first: a malformed file leaves the state alone.
  auto fresh = state;
  json const history = json::parse(text("history"), path);
  for (auto const& h : history.as_array("history")) {
    auto const& pair = h.as_array("history");
    if (pair.size() != 2) throw_error<io_error>({path, ": expected pairs in history"});
    fresh.history.push_back({pair[0].as_double("loss"), pair[1].as_double("metric")});
  }
  fresh.since_best = number("since_best");
  fresh.optimizer.steps() = number("steps");
  get_members(f, "model.", members_of(fresh.model));
  get_members(f, "best.", members_of(fresh.best));
  for (index_t i = 0; i < number("moments"); ++i)
    get_members(f, concat({"optimizer.", i, "."}), members_of(fresh.optimizer.state().emplace_back()));
  state = std::move(fresh);
}

}  // namespace petra::nn
