// Softmax along the last axis, for probabilities inside a model. A classifier ends on logits: loss::cross_entropy takes those.
#pragma once
#include "petra/grad/ops/softmax.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

struct softmax {
  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::softmax(t, x);
  }
  // A channel that is cut would change the others.
  static constexpr int trace(channel_plan& p, int group) {
    p.pin_group(group);
    return group;
  }
  template <class F>
  [[nodiscard]] softmax map(F const&) const {
    return *this;
  }
};

static_assert(layer<softmax>);

}  // namespace petra::nn
