// One update of all parameters after a backward sweep: clipping, the optimizer with the settings of each group, averages.
//
// Deterministic, the same bits on any number of threads.
#pragma once
#include <cmath>
#include <span>
#include <vector>

#include "petra/nn/fit_settings.hpp"
#include "petra/nn/regularize.hpp"

namespace petra::inline PETRA_ABI::nn {

// sqrt of the sum of the squares of all gradients.
[[nodiscard]] inline double gradient_norm(std::span<trainable const> now) {
  double sum = 0;
  for (auto const& p : now)
    sum += regularize::detail::sum_of<float>(p.w->size(), [g = p.gradient](index_t i) { return g[i] * g[i]; });
  return std::sqrt(sum);
}

// Throws: training_error when a norm is asked for and is not finite; the gradients are as before.
template <class = void>
inline void clip_gradients(std::span<trainable const> now, clip const& limits) {
  float const most = limits.value;
  if (most > 0)
    for (auto const& p : now) {
      index_t const n = p.w->size();
      for (index_t i = 0; i < n; ++i) p.gradient[i] = std::min(std::max(p.gradient[i], -most), most);
    }
  if (limits.norm <= 0) return;
  double const norm = gradient_norm(now);
  if (!std::isfinite(norm))
    throw_error<training_error>({"training: expected gradients of a finite norm, found ", norm,
                                 "; lower the learning rate or check the data for NaN"});
  if (norm <= static_cast<double>(limits.norm)) return;
  auto const scale = static_cast<float>(static_cast<double>(limits.norm) / norm);
  for (auto const& p : now) {
    index_t const n = p.w->size();
    for (index_t i = 0; i < n; ++i) p.gradient[i] *= scale;
  }
}

// Moving averages of the weights, in the order of their places: a += (1 - d) (w - a), where d = min(decay, (1 + t) / (10 + t))
// so that the first steps are soon forgotten.
// Source: Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", 1992; the warm-up is TensorFlow's.
class weight_averages {
 public:
  // Of step t = 1, 2, ...
  void follow(parameters const& known, float decay, index_t t) {
    auto const n = static_cast<float>(t);
    float const rest = 1 - std::min(decay, (1 + n) / (10 + n));
    for (std::size_t i = 0; i < known.size(); ++i) {
      tensor<float> const& w = *known[i].w;
      if (i == average_.size()) average_.push_back(w);
      tensor<float>& a = average_[i];
      if (a.size() != w.size())
        throw_error<shape_error>({"averages: expected ", w.size(), " numbers for tensor ", i, ", found ", a.size(),
                                  "; does the checkpoint belong to another model?"});
      follow(w.data(), w.size(), rest, a.data());
    }
  }
  // The model gets the averages and they the weights; a second time undoes it.
  void exchange(parameters const& known) {
    for (std::size_t i = 0; i < average_.size() && i < known.size(); ++i) std::swap(*known[i].w, average_[i]);
  }
  [[nodiscard]] std::vector<tensor<float>>& state() { return average_; }

 private:
  static void follow(float const* from, index_t n, float rest, float* to) {
    for (index_t k = 0; k < n; ++k) to[k] += rest * (from[k] - to[k]);
  }

  std::vector<tensor<float>> average_;
};

// Moves every parameter of `now`. Throws: as optimizer::update.
inline void update(optimizer& o, parameters const& known, std::span<trainable const> now, float rate,
                   petra::workers const& threads) {
  o.begin_step();
  for (auto const& p : now) {
    auto const& k = known[p.place];
    o.update(p.place, *p.w, p.gradient, rate * k.rate, k.weight_decay, threads);
  }
}

}  // namespace petra::nn
