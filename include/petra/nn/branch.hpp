// Several layers read one input; their outputs stand side by side as channels. y (..., C0 + C1 + ...) = l0(x), l1(x), ...
// Each output has a grid of its own: putting them together in integers rescales all to the grid of the result.
// Source: Szegedy et al., "Going Deeper with Convolutions", CVPR 2015, fig. 2.
#pragma once
#include <array>
#include <charconv>

#include "petra/core/flat_tuple.hpp"
#include "petra/grad/ops/concat.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

// branch{conv1d<8, 16>{}, max_pool1d<3, 1, same>{}}
template <class Point, class... L>
struct branch {
  flat_tuple<L...> layers;
  std::array<Point, sizeof...(L)> outs{};

  branch() = default;
  explicit branch(L... l) : layers(std::move(l)...) {}
  branch(flat_tuple<L...> l, std::array<Point, sizeof...(L)> o) : layers(std::move(l)), outs(std::move(o)) {}

  template <scalar T>
  var forward(tape<T>& t, var x) {
    std::array<var, sizeof...(L)> y{};
    std::size_t i = 0;
    each([&](auto& l) { y[i] = outs[i].input(t, l.forward(t, x)), ++i; });
    return ops::concat(t, std::span<var const>(y));
  }
  // The channels of the result are those of several groups: none may be cut, within the branches they may.
  static constexpr int trace(channel_plan& p, int group) {
    static_assert((traceable<L> && ...),
                  "petra: a layer of this branch has no static constexpr trace(channel_plan&, int): structured pruning "
                  "does not know which of its channels depend on each other");
    if constexpr ((traceable<L> && ...)) (p.pin_group(L::trace(p, group)), ...);
    int const out = p.fresh();
    p.pin_group(out);
    return out;
  }
  template <class F>
  [[nodiscard, gnu::cold]] auto map(F const& f) const {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      using mapped = branch<decltype(f(outs[0], *this)), decltype(get<I>(layers).map(f))...>;
      return mapped(flat_tuple<decltype(get<I>(layers).map(f))...>(get<I>(layers).map(f)...), {f(outs[I], *this)...});
    }
    (std::index_sequence_for<L...>{});
  }
  template <class F>
  void children(F&& f) {
    int i = 0;
    each([&](auto& l) { f(name("", i++).text, l); });
  }
  template <class F>
  void members(F&& f) {
    int i = 0;
    for (Point& p : outs) f(name("out", i++).text, p);
  }

  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    std::array<typename Builder::value, sizeof...(L)> y{};
    std::size_t i = 0;
    each([&](auto const& l) __attribute__((cold)) {
      b.enter(name("", static_cast<int>(i)).text);
      y[i++] = l.lower(b, x);
      b.leave();
    });
    return b.concat(y, outs);
  }

 private:
  struct place_name {
    char text[12];
  };
  static place_name name(char const* prefix, int i) {
    place_name n{};
    char* end = n.text;
    while (*prefix != 0) *end++ = *prefix++;
    std::to_chars(end, n.text + sizeof n.text - 1, i);
    return n;
  }
  template <class F>
  void each(F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (f(get<I>(layers)), ...); }
    (std::index_sequence_for<L...>{});
  }
  template <class F>
  void each(F&& f) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (f(get<I>(layers)), ...); }
    (std::index_sequence_for<L...>{});
  }
};

template <class... L>
branch(L...) -> branch<point<>, L...>;

}  // namespace petra::nn
