// What nn::gru and nn::lstm share: a recurrent layer over whole sequences.
// (N,L,In) -> (N,L,D Hidden), the states, or (N,D Hidden), the last one: see grad/ops/recurrent.hpp.
//
// Gates are stacked in the rows of two weights, as PyTorch stacks them, directions one behind the other. The weights are
// multiplied out where they have factors, and the op takes whole matrices. The range of the state, which the op makes itself,
// is noted from what comes out.
#pragma once
#include "petra/grad/ops/recurrent.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

using ops::direction;
using ops::recurrent_settings;

// Cell: what grad/ops/recurrent.hpp takes. One with fewer than four gates has a bias for the state of its own. In and Hidden
// may be dyn: weights are empty until they are filled.
template <class Cell, index_t In, index_t Hidden, recurrent_settings Settings, class InputWeight, class StateWeight>
struct recurrent {
  static_assert((Hidden >= 1 || Hidden == dyn) && (In >= 1 || In == dyn),
                "petra: a recurrent layer needs at least one input and one unit");
  static constexpr index_t in = In, units = Hidden, directions = Settings.direction == direction::both ? 2 : 1;
  static constexpr index_t out = Hidden == dyn ? dyn : directions * Hidden, rows = out == dyn ? dyn : out * Cell::gates;
  static constexpr int weight_count = 2;
  static constexpr bool grouped = false, two_biases = Cell::gates < 4;

  InputWeight input_weight = new_weight<InputWeight>(rows, In);
  StateWeight state_weight = new_weight<StateWeight>(rows, Hidden);
  tensor<float> input_bias = new_bias(rows), state_bias = two_biases ? new_bias(rows) : tensor<float>{};

  template <scalar T>
  var forward(tape<T>& t, var x) {
    var const w = input_weight.matrix(t), u = state_weight.matrix(t);
    var const y = ops::recurrent<Cell>(t, two_biases ? "gru" : "lstm", input_weight.input(t, x), w, u,
                                       bias(t, input_bias), bias(t, state_bias), Settings);
    state_weight.observe(t, y);
    return y;
  }
  // A unit is a row of every gate and a column of `state_weight`. Both directions share the columns, so it goes from both.
  static constexpr int trace(channel_plan& p, int group) {
    int const states = p.fresh(static_cast<int>(directions));
    p.weight(group, states, false, Cell::gates);
    return p.weight(states, states, false, Cell::gates);
  }
  template <index_t I, index_t H>
  using rebind = recurrent<Cell, I, H, Settings, InputWeight, StateWeight>;
  template <class To>
  [[nodiscard]] To as() const {
    return {input_weight, state_weight, input_bias, state_bias};
  }
  template <class F>
  void weights(F&& f) {
    f(input_weight, input_bias);
    f(state_weight, state_bias);
  }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto w = f(input_weight, *this);
    auto u = f(state_weight, *this);
    return recurrent<Cell, In, Hidden, Settings, decltype(w), decltype(u)>{std::move(w), std::move(u), input_bias,
                                                                           state_bias};
  }
  template <class F>
  void members(F&& f) {
    f("input_weight", input_weight);
    f("state_weight", state_weight);
    f("input_bias", input_bias);
    if constexpr (two_biases) f("state_bias", state_bias);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }

 private:
  template <scalar T>
  static var bias(tape<T>& t, tensor<float>& b) {
    return b.empty() ? var{} : t.parameter(b);
  }
};

}  // namespace petra::nn
