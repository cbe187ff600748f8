// One step of every sequence, (N,L,C) -> (N,C): the first (where a text begins with a mark of its own), or the last that is no
// padding (where every step knows those before it).
#pragma once
#include "petra/grad/ops/one_step.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

template <bool Last>
struct one_step {
  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::one_step(t, x, Last);
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] one_step map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

using first_step = one_step<false>;
using last_step = one_step<true>;

static_assert(layer<first_step> && layer<last_step>);

}  // namespace petra::nn
