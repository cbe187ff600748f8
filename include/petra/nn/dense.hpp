// Fully connected layer. y (N,Out) = x (N,In) . w (Out,In)^T + b (Out); of (N,L,In) or (N,H,W,In) each step or pixel.
#pragma once
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

template <index_t In, index_t Out, class Weight = full<>>
struct dense {
  Weight weight = new_weight<Weight>(Out, In);
  tensor<float> bias = new_bias(Out);
  using weight_type = Weight;
  template <index_t I, index_t O, class W>
  using rebind = dense<I, O, W>;
  static constexpr index_t in = In, out = Out;
  static constexpr bool grouped = false;

  template <scalar T>
  var forward(tape<T>& t, var x) {
    return weight.apply(t, x, bias.empty() ? var{} : t.parameter(bias), last_axis_product{});
  }
  static constexpr int trace(channel_plan& p, int group) { return p.weight(group, p.fresh()); }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto w = f(weight, *this);
    return dense<In, Out, decltype(w)>{std::move(w), bias};
  }
  template <class F>
  void members(F&& f) {
    f("weight", weight);
    f("bias", bias);
  }
  // Behind `flatten`: a kernel as large as the map. Otherwise a product on each pixel.
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return weight.lower(b, x, bias, b.whole_map(x));
  }
};

static_assert(layer<dense<2, 3>>);

}  // namespace petra::nn
