// A block that keeps no activations: between its input and its output a training step keeps nothing, and runs the block again when
// the gradients come back. One block's activations at a time are in memory, for a third more work.
// The result is that of the block to the last bit, dropout and running statistics included.
// Source: Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016, section 3.
#pragma once
#include <tuple>

#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

template <class Block>
struct recompute_op {
  Block* block;
  std::uint64_t draws;  // of the tape before the block
  std::int32_t const* length;
  var const* parameters;  // of the outer tape, in the order in which the block meets them
  index_t count;
  void const* result;  // of the first run, until the next block runs

  // Runs the block on x; its input is the first node of `inner`.
  template <scalar T>
  static var run(tape<T>& inner, Block& block, std::uint64_t draws, petra::shape s, T const* x,
                 std::int32_t const* length) {
    inner.set_draws(draws);
    var const in = inner.variable(s, x);
    inner.set_length(in, length);
    return block.forward(inner, in);
  }
  template <scalar T>
  void forward(tape<T>&, node<T> const& y) const {
    std::copy_n(static_cast<T const*>(result), y.shape.count(), y.value);
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    tape<T>& inner = t.inner();
    inner.repeating = true;
    auto const& x = t[y.in[0]];
    inner.backward(run(inner, *block, draws, x.shape, x.value, length), y.grad);
    auto const add = [&](var to, node<T> const& from) {
      if (from.grad == nullptr) return;
      if (T* const g = t.add_to(to); g != nullptr)
        for (index_t i = 0; i < from.shape.count(); ++i) g[i] += from.grad[i];
    };
    index_t next = 0;
    auto const& nodes = inner.nodes();
    add(y.in[0], nodes.front());
    for (auto const& n : nodes)
      if (n.parameter != nullptr) add(parameters[next++], n);
  }
};

// recompute{residual{...}}
template <class Block>
struct recompute {
  Block block;

  template <scalar T>
  var forward(tape<T>& t, var x) {
    if (!t.training) return block.forward(t, x);
    tape<T>& inner = t.inner();
    if (index_t const leaf = t.perturbation.leaf - t.leaves(); leaf >= 0)  // the input is leaf 0 there
      inner.perturbation = {leaf + 1, t.perturbation.element, t.perturbation.by};
    else
      inner.perturbation = {};
    std::uint64_t const draws = t.draws();
    auto const [value, s, length] = std::tuple(t.value(x), t.shape(x), t.length(x));
    var const y = recompute_op<Block>::run(inner, block, draws, s, value, length);
    t.set_draws(inner.draws());
    index_t count = 0;
    for (auto const& n : inner.nodes()) count += n.parameter != nullptr;
    auto* const parameters = t.template take<var>(count);
    index_t next = 0;
    for (auto const& n : inner.nodes())
      if (n.parameter != nullptr) parameters[next++] = t.parameter(*n.parameter);
    std::int32_t const* steps = inner.length(y);
    if (steps != nullptr && steps != length)
      steps = std::copy_n(steps, s[0], t.template take<std::int32_t>(s[0])) - s[0];
    // The first parameter is an input, so that the op is visited where x wants no gradient.
    recompute_op<Block> const op{&block, draws, length, parameters, count, inner.value(y)};
    var const out = t.push(op, inner.shape(y), {x, count > 0 ? parameters[0] : var{}});
    t.set_length(out, steps);
    return out;
  }
  static constexpr int trace(channel_plan& p, int group) requires traceable<Block> { return Block::trace(p, group); }
  template <class F>
  [[nodiscard, gnu::cold]] auto map(F const& f) const {
    auto b = block.map(f);
    return recompute<decltype(b)>{std::move(b)};
  }
  template <class F>
  void children(F&& f) {
    f("block", block);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    b.enter("block");
    auto const y = block.lower(b, x);
    b.leave();
    return y;
  }
};

template <class B>
recompute(B) -> recompute<B>;

}  // namespace petra::nn
