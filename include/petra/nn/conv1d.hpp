// Convolution along the steps of a sequence, channels-last. y (N,L',Out) = x (N,L,In) * w (Out,K,In/groups) + b (Out)
//
// Sequences of different lengths may share a batch: what stands behind a sequence's length is not read, and L' of each is what
// it would be alone (grad/ops/steps.hpp).
#pragma once
#include "petra/grad/ops/conv1d.hpp"
#include "petra/nn/layer.hpp"
#include "petra/nn/window.hpp"

namespace petra::inline PETRA_ABI::nn {

template <index_t In, index_t Out, window Window = window{}, class Weight = full<>>
struct conv1d {
  static_assert(Window.valid() && Window.width == 0,
                "petra: conv1d needs size, stride and dilation >= 1, pad >= 0, groups >= 0 (0: per channel), no width");
  static_assert(!Window.is_depthwise() || In == Out, "petra: a depthwise conv1d has as many outputs as inputs");
  static_assert(Window.divides(In, Out), "petra: groups of conv1d must divide its channels");
  static constexpr index_t taps = Window.size;
  static constexpr index_t in = In, out = Out;
  static constexpr bool depthwise = Window.is_depthwise();
  static constexpr bool grouped = Window.groups != 1;

  Weight weight = new_weight<Weight>(Out, Window.columns(taps, In));
  tensor<float> bias = new_bias(Out);
  using weight_type = Weight;
  template <index_t I, index_t O, class W>
  using rebind = conv1d<I, O, Window, W>;

  template <scalar T>
  var forward(tape<T>& t, var x) {
    return weight.apply(t, x, bias.empty() ? var{} : t.parameter(bias), primitive{});
  }
  struct primitive {
    template <scalar T>
    var operator()(tape<T>& t, var x, var w, var b) const {
      constexpr auto pads = Window.pads(taps);
      index_t const groups = depthwise ? t.shape(x).back() : Window.groups;
      return ops::conv1d(t, x, w, b, {taps, Window.stride, pads.before, pads.after, groups, Window.dilation});
    }
  };
  static constexpr int trace(channel_plan& p, int group) { return Window.trace(p, group); }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto w = f(weight, *this);
    return conv1d<In, Out, Window, decltype(w)>{std::move(w), bias};
  }
  template <class F>
  void members(F&& f) {
    f("weight", weight);
    f("bias", bias);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

static_assert(layer<conv1d<2, 3>>);

}  // namespace petra::nn
