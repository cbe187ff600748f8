// y = max(x, 0)
#pragma once
#include "petra/grad/ops/relu.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

struct relu {
  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::relu(t, x);
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] relu map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.relu(x);
  }
};

static_assert(layer<relu>);

}  // namespace petra::nn
