// Multi-head self-attention. (N,L,Width) -> (N,L,Width)
// q | k | v = x . qkv_weight (3 Width,Width)^T + b    of every head  a = softmax(q k^T / sqrt(Width / Heads)) v
// y = a . out_weight (Width,Width)^T + b
//
// Causal: a step sees itself and what came before it. Padding is not seen, and gives the bias alone. PyTorch's
// nn.MultiheadAttention: `qkv_weight` is its in_proj_weight. q, k and v have one grid: `qkv`.
// Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.
#pragma once
#include "petra/grad/ops/self_attention.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

template <index_t Width, index_t Heads, bool Causal = false, class QkvWeight = full<>, class OutWeight = QkvWeight,
          class Point = point<>>
struct self_attention {
  static_assert(Heads >= 1 && Width >= 1 && Width % Heads == 0, "petra: heads of self_attention must divide its width");
  static constexpr bool grouped = false;

  QkvWeight qkv_weight = new_weight<QkvWeight>(3 * Width, Width);
  OutWeight out_weight = new_weight<OutWeight>(Width, Width);
  tensor<float> qkv_bias = new_bias(3 * Width), out_bias = new_bias(Width);
  Point qkv{};

  template <scalar T>
  var forward(tape<T>& t, var x) {
    var const parts = qkv.input(t, qkv_weight.apply(t, x, t.parameter(qkv_bias), last_axis_product{}));
    return out_weight.apply(t, ops::self_attention(t, parts, Heads, Causal), t.parameter(out_bias),
                            last_axis_product{});
  }
  static constexpr int trace(channel_plan& p, int group) {
    p.pin_group(group);
    int const out = p.fresh();
    p.pin_group(out);
    return out;
  }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto q = f(qkv_weight, *this);
    auto o = f(out_weight, *this);
    auto p = f(qkv, *this);
    return self_attention<Width, Heads, Causal, decltype(q), decltype(o), decltype(p)>{
        std::move(q), std::move(o), qkv_bias, out_bias, std::move(p)};
  }
  template <class F>
  void members(F&& f) {
    f("qkv_weight", qkv_weight);
    f("out_weight", out_weight);
    f("qkv_bias", qkv_bias);
    f("out_bias", out_bias);
    f("qkv", qkv);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

static_assert(layer<self_attention<4, 2>>);

}  // namespace petra::nn
