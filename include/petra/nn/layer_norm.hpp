// Layer normalization of the last axis. y = gamma (x - mean) / sqrt(var + eps) + beta, mean and var of each position's channels
// The input has a grid of its own (nn/weight/leaf.hpp).
// Source: Ba, Kiros, Hinton, "Layer normalization", 2016.
#pragma once
#include "petra/grad/ops/layer_norm.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

template <index_t Channels, class Point = point<>>
struct layer_norm {
  tensor<float> gamma = filled(1), beta = filled(0);
  float eps = 1e-5f;
  Point in{};

  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::layer_norm(t, in.input(t, x), t.parameter(gamma), t.parameter(beta), static_cast<T>(eps));
  }
  // Every channel changes every other one.
  static constexpr int trace(channel_plan& p, int group) {
    p.pin_group(group);
    return group;
  }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto p = f(in, *this);
    return layer_norm<Channels, decltype(p)>{gamma, beta, eps, std::move(p)};
  }
  template <class F>
  void members(F&& f) {
    f("gamma", gamma);
    f("beta", beta);
    f("in", in);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }

 private:
  static tensor<float> filled(float v) {
    static_assert(Channels >= 1, "petra: layer_norm needs a number of channels");
    tensor<float> m({1, Channels});
    std::fill(m.begin(), m.end(), v);
    return m;
  }
};

static_assert(layer<layer_norm<2>>);

}  // namespace petra::nn
