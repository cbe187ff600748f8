// Learning rate over a training, as a factor of the peak rate. `at` in [0, 1): share of the steps done.
//
// Every schedule is a function of `at` and, for `plateau`, of the metrics so far: nothing to keep in a checkpoint.
#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <variant>

#include "petra/core/match.hpp"

namespace petra::inline PETRA_ABI {

// Half a cosine from 1 to `end`. Source: Loshchilov, Hutter, "SGDR", ICLR 2017, eq. 5.
struct cosine {
  float end = 0;
  [[nodiscard]] float operator()(float at) const { return end + (1 - end) * 0.5f * (1 + std::cos(3.14159265f * at)); }
  friend bool operator==(cosine const&, cosine const&) = default;
};

// Linear from `start` to 1 during `warm_up`, then a cosine to `end`. Source: Smith, Topin, "Super-Convergence", 2017.
struct one_cycle {
  float warm_up = 0.25f, start = 0.1f, end = 0.001f;
  [[nodiscard]] float operator()(float at) const {
    return at < warm_up ? start + (1 - start) * at / warm_up : cosine{end}((at - warm_up) / (1 - warm_up));
  }
  friend bool operator==(one_cycle const&, one_cycle const&) = default;
};

struct constant_rate {
  [[nodiscard]] float operator()(float) const { return 1; }
  friend bool operator==(constant_rate const&, constant_rate const&) = default;
};

// Linear from `start` to 1 during `until`, then 1. Source: Goyal et al., "Accurate, large minibatch SGD", 2017, sec. 2.2.
struct warm_up {
  float until = 0.1f, start = 0;
  [[nodiscard]] float operator()(float at) const { return at < until ? start + (1 - start) * at / until : 1; }
  friend bool operator==(warm_up const&, warm_up const&) = default;
};

// Times `factor` at the end of each of `pieces` equal parts of the training: {.factor = 0.1f, .pieces = 3} divides by ten
// after a third and after two thirds.
struct step_decay {
  float factor = 0.1f;
  int pieces = 3;
  [[nodiscard]] float operator()(float at) const {
    return std::pow(factor, std::floor(at * static_cast<float>(pieces)));
  }
  friend bool operator==(step_decay const&, step_decay const&) = default;
};

// Times `factor` whenever `patience` epochs in a row had no better metric (loss, where nothing is validated).
struct plateau {
  float factor = 0.3f;
  int patience = 3;
  // score: one number an epoch, more is better.
  [[nodiscard]] float operator()(std::span<double const> score) const {
    float f = 1;
    int since = 0;
    double best = -HUGE_VAL;
    for (double const s : score) {
      since = s > best ? 0 : since + 1;
      best = std::max(best, s);
      if (since >= patience) f *= factor, since = 0;
    }
    return f;
  }
  friend bool operator==(plateau const&, plateau const&) = default;
};

using schedule_settings = std::variant<one_cycle, cosine, constant_rate, warm_up, step_decay, plateau>;

// score: of the epochs that are done, more is better.
[[nodiscard]] inline float rate_factor(schedule_settings const& s, float at, std::span<double const> score) {
  return match(s, [&](auto const& f) {
    if constexpr (requires { f(score); })
      return f(score);
    else
      return f(at);
  });
}

}  // namespace petra
