// Activations as layers: y = f(x), element by element. ReLU is nn/relu.hpp.
// The input has a grid of its own: in integers an activation is a table of 256 values.
#pragma once
#include "petra/grad/ops/activation.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

template <class F, class Point = point<>>
struct activation {
  [[no_unique_address]] F f{};
  Point in{};

  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::activate(t, in.input(t, x), f);
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class G>
  [[nodiscard]] auto map(G const& g) const {
    auto p = g(in, *this);
    return activation<F, decltype(p)>{f, std::move(p)};
  }
  template <class G>
  void members(G&& g) {
    if constexpr (requires { f.below; }) g("below", f.below);
    g("in", in);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

using sigmoid = activation<kernel::activations::sigmoid>;
using tanh_layer = activation<kernel::activations::tanh>;      // `tanh` is a function of <cmath>
using gelu = activation<kernel::activations::gelu>;            // x Phi(x)
using gelu_tanh = activation<kernel::activations::gelu_tanh>;  // its approximation by tanh, as BERT and GPT-2 have it
using silu = activation<kernel::activations::silu>;
using relu6 = activation<kernel::activations::relu6>;
using hard_swish = activation<kernel::activations::hard_swish>;
using leaky_relu = activation<kernel::activations::leaky_relu>;  // leaky_relu{{.below = 0.2f}}

static_assert(layer<gelu> && layer<leaky_relu>);

}  // namespace petra::nn
