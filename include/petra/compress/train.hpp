// Training as stages. `train` takes a fresh model; `finetune` goes on from what is there, through masks, factors and grids (on a
// quantized model that is quantization-aware training). Both touch every weight.
#pragma once
#include <optional>

#include "petra/compress/pipeline.hpp"
#include "petra/compress/usual_loss.hpp"
#include "petra/nn/fit.hpp"

namespace petra::inline PETRA_ABI {

[[gnu::cold]] inline std::string expression(sgd const& s) {
  return concat({"petra::sgd{.momentum = ", expression(s.momentum), ", .weight_decay = ", expression(s.weight_decay),
                 ", .nesterov = ", expression(s.nesterov), "}"});
}
[[gnu::cold]] inline std::string expression(adam const& a) {
  return concat({"petra::adam{.beta1 = ", expression(a.beta1), ", .beta2 = ", expression(a.beta2),
                 ", .eps = ", expression(a.eps), ", .weight_decay = ", expression(a.weight_decay), "}"});
}
[[gnu::cold]] inline std::string expression(adamw const& a) {
  return concat({"petra::adamw{.beta1 = ", expression(a.beta1), ", .beta2 = ", expression(a.beta2),
                 ", .eps = ", expression(a.eps), ", .weight_decay = ", expression(a.weight_decay), "}"});
}
[[gnu::cold]] inline std::string expression(rmsprop const& r) {
  return concat({"petra::rmsprop{.decay = ", expression(r.decay), ", .eps = ", expression(r.eps),
                 ", .momentum = ", expression(r.momentum), ", .weight_decay = ", expression(r.weight_decay), "}"});
}

namespace detail {

// What train and finetune have in common: one instantiation of nn::fit for both.
template <class M, class D>
M run_training(M model, context<D> const& c, D const& set, nn::fit_settings f, float smoothing) {
  f.augment = c.augmentation.has_value() || data::varied_dataset<D>;
  if (c.augmentation) f.augmentation = *c.augmentation;
  f.seed = c.stage_key();
  f.stop = c.stop;
  std::optional<nn::progress_bar> bar;
  if (c.progress != nullptr) bar.emplace(c.progress);
  nn::fit(model, set, static_cast<D const*>(nullptr), f, usual_loss<D>(smoothing), [&](nn::progress const& p) {
    if (bar) (*bar)(p);
  });
  return model;
}
template <class Stage, class M, class D>
M run_training(Stage const& s, M const& model, context<D> const& c, stage_report& r) {
  r.touched = s.epochs > 0;
  if (c.dry || s.epochs == 0) return model;
  nn::fit_settings f;
  f.epochs = s.epochs;
  f.batch = s.batch;
  f.learning_rate = s.learning_rate;
  f.optimizer = s.optimizer;
  f.clipping.norm = s.clip_norm;
  return run_training(model, c, c.training_data(Stage::name), f, s.smoothing);
}
[[gnu::cold]] inline void check_training(char const* name, index_t epochs, index_t batch, float rate, float smoothing,
                                         float clip_norm) {
  auto check = [&](bool good, char const* what, piece found) {
    if (!good) throw_error<setting_error>({name, ": ", what, ", found ", found});
  };
  check(epochs >= 1, "epochs must be >= 1", epochs);
  check(batch >= 1, "batch must be >= 1", batch);
  check(rate > 0, "learning_rate must be > 0", rate);
  check(smoothing >= 0 && smoothing < 1, "smoothing must lie in [0, 1)", smoothing);
  check(clip_norm >= 0, "clip_norm must be >= 0", clip_norm);
}

}  // namespace detail

struct train {
  index_t epochs = 10;
  float learning_rate = 0.1f;
  index_t batch = 64;
  float smoothing = 0;
  optimizer_settings optimizer = sgd{};
  float clip_norm = 0;  // > 0: longer gradients are shortened to it (recurrent layers, attention)

  static constexpr rule law{.forbids = trained | masked | factored | quantized, .gives = trained};
  static constexpr char const* name = "petra::train";
  template <class S = train>  // as every list of settings: compiled where a search or a report reads it
  static auto settings() {
    return std::tuple{setting{"epochs", &S::epochs},       setting{"learning_rate", &S::learning_rate},
                      setting{"batch", &S::batch},         setting{"smoothing", &S::smoothing},
                      setting{"optimizer", &S::optimizer}, setting{"clip_norm", &S::clip_norm}};
  }
  void check() const { detail::check_training(name, epochs, batch, learning_rate, smoothing, clip_norm); }
  template <class M, class D>
  M apply(M const& m, context<D> const& c, stage_report& r) const {
    return detail::run_training(*this, m, c, r);
  }
  friend bool operator==(train const&, train const&) = default;
};

struct finetune {
  index_t epochs = 2;
  float learning_rate = 0.01f;
  index_t batch = 64;
  float smoothing = 0;
  optimizer_settings optimizer = sgd{};
  float clip_norm = 0;  // > 0: longer gradients are shortened to it (recurrent layers, attention)

  static constexpr rule law{.needs = trained, .gives = trained};
  static constexpr char const* name = "petra::finetune";
  template <class S = finetune>  // as every list of settings: compiled where a search or a report reads it
  static auto settings() {
    return std::tuple{setting{"epochs", &S::epochs, {1, 2, 4, 6}},
                      setting{"learning_rate", &S::learning_rate, {0.001f, 0.003f, 0.01f, 0.03f, 0.1f}},
                      setting{"batch", &S::batch},
                      setting{"smoothing", &S::smoothing},
                      setting{"optimizer", &S::optimizer},
                      setting{"clip_norm", &S::clip_norm}};
  }
  void check() const { detail::check_training(name, epochs, batch, learning_rate, smoothing, clip_norm); }
  template <class M, class D>
  M apply(M const& m, context<D> const& c, stage_report& r) const {
    return detail::run_training(*this, m, c, r);
  }
  friend bool operator==(finetune const&, finetune const&) = default;
};

static_assert(stage<train> && stage<finetune>);

}  // namespace petra
