// (N,H,W,C) -> (N, H*W*C), and (N,L,C) -> (N, L*C) with zeros for padded steps. Channels stay the fastest axis, so the dense
// layer after it sees every channel H*W times.
#pragma once
#include "petra/grad/ops/reshape.hpp"
#include "petra/grad/ops/steps.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

struct flatten {
  template <scalar T>
  var forward(tape<T>& t, var x) {
    index_t const n = t.shape(x)[0];
    return ops::reshape(t, ops::without_padding(t, x), {n, t.shape(x).count() / n});
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] flatten map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.flatten(x);
  }
};

static_assert(layer<flatten>);

}  // namespace petra::nn
