// Rows of length one, (N,E) -> (N,E): the end of a model whose outputs are compared by angle.
#pragma once
#include "petra/grad/ops/unit_length.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

struct unit_length {
  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::unit_length(t, x);
  }
  // Every channel changes every other one.
  static constexpr int trace(channel_plan& p, int group) {
    p.pin_group(group);
    return group;
  }
  template <class F>
  [[nodiscard]] unit_length map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

static_assert(layer<unit_length>);

}  // namespace petra::nn
