// Losses as settings: `fit` calls loss(tape, outputs, answers) -> var of one number. Answers are classes (N), or numbers
// (N,targets). They add up with each other and with regularizers (nn/loss_terms.hpp).
//
// `name` is what a log calls the term. `embeds`: outputs are embeddings of any width, not one for each class. `numbers()` are
// the settings, for checkpoints.
#pragma once
#include <cstdint>
#include <vector>

#include "petra/grad/ops/cross_entropy.hpp"
#include "petra/grad/ops/divergence.hpp"
#include "petra/grad/ops/focal.hpp"
#include "petra/grad/ops/mse.hpp"
#include "petra/grad/ops/pair_loss.hpp"
#include "petra/grad/ops/pointwise_loss.hpp"
#include "petra/grad/ops/unit_length.hpp"
#include "petra/nn/loss_terms.hpp"

namespace petra::inline PETRA_ABI::loss {

using petra::operator*;
using petra::operator+;

namespace detail {

// (N,C): 1 at the label, 0 elsewhere. Throws: shape_error when a label lies outside the outputs.
template <scalar T>
T const* one_hot(tape<T>& t, var outputs, std::int32_t const* labels, char const* who) {
  auto const s = t.shape(outputs);
  T* const target = t.take(s.count());
  std::fill_n(target, s.count(), T(0));
  for (index_t i = 0; i < s.rows(); ++i) {
    if (labels[i] < 0 || labels[i] >= s.back())
      throw_error<shape_error>({who, ": expected labels in [0, ", s.back(), "), found ", labels[i],
                                "; the model needs one output per class of the data"});
    target[i * s.back() + labels[i]] = 1;
  }
  return target;
}
// Throws: setting_error unless there are none or one per class.
[[gnu::cold]] inline void check_weights(std::vector<float> const& weights, index_t classes, char const* who) {
  if (!weights.empty() && static_cast<index_t>(weights.size()) != classes)
    throw_error<setting_error>({who, ": expected ", classes, " class_weights, found ", weights.size()});
  for (float const w : weights)
    if (!(w >= 0)) throw_error<setting_error>({who, ": class_weights must be >= 0, found ", w});
}
inline float const* or_null(std::vector<float> const& weights) { return weights.empty() ? nullptr : weights.data(); }
inline std::vector<float> joined(float first, std::vector<float> rest) {
  rest.insert(rest.begin(), first);
  return rest;
}

}  // namespace detail

// Softmax cross-entropy. smoothing in [0, 1); class_weights: one per class, or none.
struct cross_entropy {
  static constexpr char const* name = "cross_entropy";
  float smoothing = 0;
  std::vector<float> class_weights{};
  [[nodiscard]] std::vector<float> numbers() const { return detail::joined(smoothing, class_weights); }
  template <scalar T>
  var operator()(tape<T>& t, var logits, std::int32_t const* labels) const {
    if (!class_weights.empty()) detail::check_weights(class_weights, t.shape(logits).back(), name);
    return ops::cross_entropy(t, logits, labels, static_cast<T>(smoothing), detail::or_null(class_weights));
  }
};

// Cross-entropy that passes over what is right already; gamma >= 0.
struct focal {
  static constexpr char const* name = "focal";
  float gamma = 2;
  std::vector<float> class_weights{};
  [[nodiscard]] std::vector<float> numbers() const { return detail::joined(gamma, class_weights); }
  template <scalar T>
  var operator()(tape<T>& t, var logits, std::int32_t const* labels) const {
    if (!class_weights.empty()) detail::check_weights(class_weights, t.shape(logits).back(), name);
    return ops::focal(t, logits, labels, static_cast<T>(gamma), detail::or_null(class_weights));
  }
};

// Mean squared error; of classes against the one-hot label (the Brier score).
struct mse {
  static constexpr char const* name = "mse";
  template <scalar T>
  var operator()(tape<T>& t, var outputs, std::int32_t const* labels) const {
    T const* const target = detail::one_hot(t, outputs, labels, name);
    return ops::mse(t, outputs, t.constant(t.shape(outputs), target));
  }
  template <scalar T>
  var operator()(tape<T>& t, var outputs, float const* targets) const {
    auto const s = t.shape(outputs);
    if constexpr (std::same_as<T, float>) {
      return ops::mse(t, outputs, t.constant(s, targets));
    } else {
      T* const z = t.take(s.count());
      std::copy_n(targets, s.count(), z);
      return ops::mse(t, outputs, t.constant(s, z));
    }
  }
};

// Cross-entropy of sigmoid(output): each output is a question of its own. Classes are one-hot, numbers lie in [0, 1].
struct binary_cross_entropy {
  static constexpr char const* name = "binary_cross_entropy";
  template <scalar T>
  var operator()(tape<T>& t, var logits, std::int32_t const* labels) const {
    return ops::pointwise_loss(t, logits, detail::one_hot(t, logits, labels, name), ops::logistic_error{});
  }
  template <scalar T>
  var operator()(tape<T>& t, var logits, float const* targets) const {
    return ops::pointwise_loss(t, logits, targets, ops::logistic_error{});
  }
};

// Mean absolute error.
struct mae {
  static constexpr char const* name = "mae";
  template <scalar T>
  var operator()(tape<T>& t, var outputs, float const* targets) const {
    return ops::pointwise_loss(t, outputs, targets, ops::absolute_error{});
  }
};

// A square up to an error of delta > 0, a line beyond.
struct huber {
  static constexpr char const* name = "huber";
  float delta = 1;
  [[nodiscard]] std::vector<float> numbers() const { return {delta}; }
  template <scalar T>
  var operator()(tape<T>& t, var outputs, float const* targets) const {
    if (!(delta > 0)) throw_error<setting_error>({"huber: delta must be > 0, found ", delta});
    return ops::pointwise_loss(t, outputs, targets, ops::huber_error{delta});
  }
};

// mse whose samples are re-weighted by their own gradient: ops::reweighted_square. balance > 0.
struct reweighted_mse {
  static constexpr char const* name = "reweighted_mse";
  float balance = 0.5f;
  [[nodiscard]] std::vector<float> numbers() const { return {balance}; }
  template <scalar T>
  var operator()(tape<T>& t, var outputs, float const* targets) const {
    if (!(balance > 0)) throw_error<setting_error>({"reweighted_mse: balance must be > 0, found ", balance});
    double const n = static_cast<double>(t.shape(outputs).rows());
    return ops::pointwise_loss(t, outputs, targets, ops::reweighted_square{n, balance});
  }
};

// mae, likewise: max(a |k|, b) / sqrt(1 + k^2), where |k| = 1 / N is the same for all samples, so it is a factor of the loss.
// a and b as those of ops::reweighted_square. Source: there.
struct reweighted_mae {
  static constexpr char const* name = "reweighted_mae";
  float balance = 0.5f;
  [[nodiscard]] std::vector<float> numbers() const { return {balance}; }
  template <scalar T>
  var operator()(tape<T>& t, var outputs, float const* targets) const {
    if (!(balance > 0)) throw_error<setting_error>({"reweighted_mae: balance must be > 0, found ", balance});
    T const k = 1 / static_cast<T>(t.shape(outputs).rows()), b = static_cast<T>(balance);
    T const weight = (b >= 1 ? std::max(k, b) : std::max(k / b, T(1))) / std::sqrt(1 + k * k);
    return ops::add_scaled(t, var{}, ops::pointwise_loss(t, outputs, targets, ops::absolute_error{}), weight);
  }
};

// Distillation: the answers are the logits of a teacher (N,C), so the set has as many targets as the student has outputs.
struct divergence {
  static constexpr char const* name = "divergence";
  float temperature = 4;
  [[nodiscard]] std::vector<float> numbers() const { return {temperature}; }
  template <scalar T>
  var operator()(tape<T>& t, var logits, float const* teacher) const {
    return ops::divergence(t, logits, teacher, static_cast<T>(temperature));
  }
};

// Of embeddings; labels say which samples belong together (the same client). normalize: on the unit sphere, where distances
// are at most 2.
struct contrastive {
  static constexpr char const* name = "contrastive";
  static constexpr bool embeds = true;
  float margin = 0.5f;
  bool normalize = true;
  [[nodiscard]] std::vector<float> numbers() const { return {margin, normalize ? 1.f : 0.f}; }
  template <scalar T>
  var operator()(tape<T>& t, var embeddings, std::int32_t const* labels) const {
    return ops::contrastive(t, normalize ? ops::unit_length(t, embeddings) : embeddings, labels, static_cast<T>(margin));
  }
};

struct triplet {
  static constexpr char const* name = "triplet";
  static constexpr bool embeds = true;
  float margin = 0.3f;
  bool normalize = true;
  [[nodiscard]] std::vector<float> numbers() const { return {margin, normalize ? 1.f : 0.f}; }
  template <scalar T>
  var operator()(tape<T>& t, var embeddings, std::int32_t const* labels) const {
    return ops::triplet(t, normalize ? ops::unit_length(t, embeddings) : embeddings, labels, static_cast<T>(margin));
  }
};

}  // namespace petra::loss
