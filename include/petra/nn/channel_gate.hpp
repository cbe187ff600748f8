// Channels weighed by what the whole map or sequence holds: y = x * gate(mean of x over its positions), a factor per channel.
// With `squeeze_excite` for a gate: the block of Hu et al. Sequences: the mean of the steps without padding.
//
// Source: Hu, Shen, Sun, "Squeeze-and-Excitation Networks", CVPR 2018, sec. 3.
#pragma once
#include "petra/grad/ops/pool.hpp"
#include "petra/grad/ops/pool1d.hpp"
#include "petra/grad/ops/reshape.hpp"
#include "petra/grad/ops/scale_channels.hpp"
#include "petra/nn/activation.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/sequential.hpp"

namespace petra::inline PETRA_ABI::nn {

// Gate: (N,C) -> (N,C).
template <class Gate, class Point = point<>>
struct channel_gate {
  Gate gate;
  Point in{}, factor{};

  // x (N,H,W,C) or (N,L,C)
  template <scalar T>
  var forward(tape<T>& t, var x) {
    x = in.input(t, x);
    petra::shape const s = t.shape(x);
    var const mean =
        s.rank == 4 ? ops::reshape(t, ops::avg_pool(t, x, {.kernel = 0}), {s[0], s[3]}) : ops::mean_of_steps(t, x);
    return ops::scale_channels(t, x, factor.input(t, gate.forward(t, mean)));
  }
  static constexpr int trace(channel_plan& p, int group) {
    static_assert(traceable<Gate>,
                  "petra: the gate of this channel_gate has no static constexpr trace(channel_plan&, int): structured "
                  "pruning does not know which of its channels depend on each other");
    if constexpr (traceable<Gate>) group = p.unite(group, Gate::trace(p, group));
    return group;
  }
  template <class F>
  [[nodiscard, gnu::cold]] auto map(F const& f) const {
    auto g = gate.map(f);
    auto p = f(in, *this);
    return channel_gate<decltype(g), decltype(p)>{std::move(g), std::move(p), f(factor, *this)};
  }
  template <class F>
  void children(F&& f) {
    f("gate", gate);
  }
  template <class F>
  void members(F&& f) {
    f("in", in);
    f("factor", factor);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

template <class G>
channel_gate(G) -> channel_gate<G>;

// Channels -> Channels / Ratio -> Channels.
template <index_t Channels, index_t Ratio = 16>
auto squeeze_excite() {
  static_assert(Ratio >= 1 && Channels >= Ratio, "petra: squeeze_excite needs at least one channel between");
  return channel_gate{
      sequential{dense<Channels, Channels / Ratio>{}, relu{}, dense<Channels / Ratio, Channels>{}, sigmoid{}}};
}

}  // namespace petra::nn
