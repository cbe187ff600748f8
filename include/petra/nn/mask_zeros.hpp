// The lengths of sequences, read off the zeros at their ends: numeric series that were padded (Keras's Masking). Layers of ids
// do it by themselves. (N,L,C) -> the same
#pragma once
#include "petra/grad/ops/mask_zeros.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

struct mask_zeros {
  template <scalar T>
  var forward(tape<T>& t, var x) {
    ops::mask_zeros(t, x);
    return x;
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] mask_zeros map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

static_assert(layer<mask_zeros>);

}  // namespace petra::nn
