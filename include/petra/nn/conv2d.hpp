// Two-dimensional convolution, channels-last. y (N,OH,OW,Out) = x (N,H,W,In) * w (Out,K,K,In/groups) + b (Out)
// With `window.width` the kernel is (K,width). For dilation there is no kernel on the device yet: such a layer trains and
// cannot be lowered.
#pragma once
#include "petra/grad/ops/conv2d.hpp"
#include "petra/nn/layer.hpp"
#include "petra/nn/window.hpp"

namespace petra::inline PETRA_ABI::nn {

template <index_t In, index_t Out, window Window = window{}, class Weight = full<>>
struct conv2d {
  static_assert(Window.valid() && Window.pad != causal,
                "petra: conv2d needs size, stride and dilation >= 1, pad and width >= 0, groups >= 0 (0: per channel)");
  static_assert(!Window.is_depthwise() || In == Out, "petra: a depthwise conv2d has as many outputs as inputs");
  static_assert(Window.divides(In, Out), "petra: groups of conv2d must divide its channels");
  static constexpr index_t taps = Window.size * Window.width_taps();
  static constexpr index_t in = In, out = Out;
  static constexpr bool depthwise = Window.is_depthwise();
  static constexpr bool grouped = Window.groups != 1;

  Weight weight = new_weight<Weight>(Out, Window.columns(taps, In));
  tensor<float> bias = new_bias(Out);
  using weight_type = Weight;
  template <index_t I, index_t O, class W>
  using rebind = conv2d<I, O, Window, W>;

  template <scalar T>
  var forward(tape<T>& t, var x) {
    return weight.apply(t, x, bias.empty() ? var{} : t.parameter(bias), primitive{});
  }
  struct primitive {
    template <scalar T>
    var operator()(tape<T>& t, var x, var w, var b) const {
      using dims = std::conditional_t<grouped, kernel::conv2d_dims, kernel::ungrouped_dims>;
      index_t const groups = depthwise ? t.shape(x).back() : Window.groups;
      constexpr auto h = Window.pads(Window.size), v = Window.pads(Window.width_taps());
      return ops::conv2d<dims>(t, x, w, b,
                               {Window.size,
                                Window.stride,
                                {h.before, h.after, v.before, v.after},
                                groups,
                                Window.dilation,
                                Window.width_taps()});
    }
  };
  static constexpr int trace(channel_plan& p, int group) { return Window.trace(p, group); }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto w = f(weight, *this);
    return conv2d<In, Out, Window, decltype(w)>{std::move(w), bias};
  }
  template <class F>
  void members(F&& f) {
    f("weight", weight);
    f("bias", bias);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const requires(Window.dilation == 1) {
    constexpr auto v = Window.pads(Window.size), h = Window.pads(Window.width_taps());
    return weight.lower(b, x, bias,
                        b.geometry(x, Window.size, Window.width_taps(), Window.stride,
                                   {v.before, v.after, h.before, h.after}, Window.groups));
  }
};

static_assert(layer<conv2d<2, 3>>);

}  // namespace petra::nn
