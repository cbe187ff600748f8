// Layers one after the other: `sequential{conv2d<1, 16>{}, batch_norm<16>{}, relu{}}`. Places are named by position.
#pragma once
#include <charconv>

#include "petra/core/flat_tuple.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

template <class... L>
struct sequential {
  flat_tuple<L...> layers;

  sequential() = default;
  explicit sequential(L... l) : layers(std::move(l)...) {}

  template <scalar T>
  var forward(tape<T>& t, var x) {
    each([&](auto& l) { x = l.forward(t, x); });
    return x;
  }
  static constexpr int trace(channel_plan& p, int group) {
    static_assert((traceable<L> && ...),
                  "petra: a layer of this sequential has no static constexpr trace(channel_plan&, int): "
                  "structured pruning does not know which of its channels depend on each other");
    if constexpr ((traceable<L> && ...)) ((group = L::trace(p, group)), ...);  // one sentence, not forty lines after it
    return group;
  }
  template <class F>
  [[nodiscard, gnu::cold]] auto map(F const& f) const {
    // Braces: f meets the layers in their order.
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return sequential<decltype(get<I>(layers).map(f))...>{get<I>(layers).map(f)...};
    }
    (std::index_sequence_for<L...>{});
  }
  template <class F>
  void children(F&& f) {
    int i = 0;
    each([&](auto& l) __attribute__((cold)) { f(position(i++).text, l); });
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    int i = 0;
    each([&](auto const& l) __attribute__((cold)) {  // a lambda is not cold because what it stands in is
      b.enter(position(i++).text);
      x = l.lower(b, x);
      b.leave();
    });
    return x;
  }

 private:
  struct name {
    char text[8];
  };
  static name position(int i) {
    name n{};
    std::to_chars(n.text, n.text + sizeof n.text - 1, i);
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
sequential(L...) -> sequential<L...>;

}  // namespace petra::nn
