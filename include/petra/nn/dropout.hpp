// Dropout: in training each element is zero with probability `rate` and the others grow to keep the mean. Otherwise nothing.
// What is dropped is a function of the tape's noise_key, which `fit` sets for every step.
#pragma once
#include "petra/grad/ops/dropout.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

struct dropout {
  float rate = 0.5f;  // in [0, 1)

  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::dropout(t, x, rate);
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] dropout map(F const&) const {
    return *this;
  }
  template <class F>
  void members(F&& f) {
    f("rate", rate);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder&, typename Builder::value x) const {
    return x;
  }
};

static_assert(layer<dropout>);

}  // namespace petra::nn
