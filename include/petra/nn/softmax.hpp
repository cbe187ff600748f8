// Softmax along the last axis, for probabilities inside a model. A classifier ends on logits: loss::cross_entropy takes those.
// The input has a grid of its own; integer probabilities are in 1/256.
#pragma once
#include "petra/grad/ops/softmax.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

template <class Point = point<>>
struct last_axis_softmax {
  Point in{};

  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::softmax(t, in.input(t, x));
  }
  // A channel that is cut would change the others.
  static constexpr int trace(channel_plan& p, int group) {
    p.pin_group(group);
    return group;
  }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto p = f(in, *this);
    return last_axis_softmax<decltype(p)>{std::move(p)};
  }
  template <class F>
  void members(F&& f) {
    f("in", in);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

using softmax = last_axis_softmax<>;

static_assert(layer<softmax>);

}  // namespace petra::nn
