// Parts of a tensor: a range of its channels or of its steps; and the same numbers in another shape.
#pragma once
#include "petra/grad/ops/reshape.hpp"
#include "petra/grad/ops/slice.hpp"
#include "petra/grad/ops/steps.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

// (...,C) -> (...,Count): channels First, First + 1, ...
template <index_t First, index_t Count>
struct channel_range {
  static_assert(First >= 0 && Count >= 1, "petra: channel_range needs a first channel >= 0 and at least one");
  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::slice_axis(t, x, t.shape(x).rank - 1, First, Count);
  }
  // Positions of channels would move if one were cut.
  static constexpr int trace(channel_plan& p, int group) {
    p.pin_group(group);
    int const out = p.fresh();
    p.pin_group(out);
    return out;
  }
  template <class F>
  [[nodiscard]] channel_range map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

// (N,L,C) -> (N,Count,C): steps First, First + 1, ...
template <index_t First, index_t Count>
struct step_range {
  static_assert(First >= 0 && Count >= 1, "petra: step_range needs a first step >= 0 and at least one");
  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::slice_axis(t, x, 1, First, Count);
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] step_range map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

// (N,...) -> (N,Axis...); one axis may be dyn, which takes what is left. A picture (1,L,C) becomes a series:
// reshape<dyn, C>. Padded steps become zeros.
template <index_t... Axis>
struct reshape {
  static_assert(sizeof...(Axis) >= 1 && sizeof...(Axis) <= 3 && ((Axis == dyn || Axis >= 1) && ...) &&
                    (static_cast<int>(Axis == dyn) + ...) <= 1,
                "petra: reshape needs one to three axes of at least 1, one of them may be dyn");
  // Throws: shape_error when the numbers of elements differ.
  template <scalar T>
  var forward(tape<T>& t, var x) {
    index_t const n = t.shape(x)[0], each = n == 0 ? 0 : t.shape(x).count() / n;
    constexpr index_t known = ((Axis == dyn ? 1 : Axis) * ...);
    return ops::reshape(t, ops::without_padding(t, x), {n, (Axis == dyn ? each / known : Axis)...});
  }
  static constexpr int trace(channel_plan& p, int group) {
    p.pin_group(group);
    int const out = p.fresh();
    p.pin_group(out);
    return out;
  }
  template <class F>
  [[nodiscard]] reshape map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

static_assert(layer<channel_range<0, 1>> && layer<step_range<0, 1>> && layer<reshape<dyn, 2>>);

}  // namespace petra::nn
