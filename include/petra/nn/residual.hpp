// y = body(x) + shortcut(x). The two addends have grids of their own: an integer sum rescales both to the grid of its output.
// Source: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016.
#pragma once
#include "petra/grad/ops/add.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

struct identity {
  template <scalar T>
  var forward(tape<T>&, var x) {
    return x;
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] identity map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder&, typename Builder::value x) const {
    return x;
  }
};

template <class Body, class Shortcut = identity, class Point = point<>>
struct residual {
  Body body;
  Shortcut shortcut{};
  Point body_out{}, shortcut_out{};

  template <scalar T>
  var forward(tape<T>& t, var x) {
    var const y = body.forward(t, x), z = shortcut.forward(t, x);
    return ops::add(t, body_out.input(t, y), shortcut_out.input(t, z));
  }
  static constexpr int trace(channel_plan& p, int group) {
    static_assert(
        traceable<Body> && traceable<Shortcut>,
        "petra: the body or shortcut of this residual has no static constexpr trace(channel_plan&, int): structured "
        "pruning does not know which of its channels depend on each other");
    if constexpr (traceable<Body> && traceable<Shortcut>) {
      int const y = Body::trace(p, group);
      group = p.unite(y, Shortcut::trace(p, group));
    }
    return group;
  }
  template <class F>
  [[nodiscard, gnu::cold]] auto map(F const& f) const {
    auto b = body.map(f);
    auto s = shortcut.map(f);
    auto p = f(body_out, *this);
    return residual<decltype(b), decltype(s), decltype(p)>{std::move(b), std::move(s), std::move(p),
                                                           f(shortcut_out, *this)};
  }
  template <class F>
  void children(F&& f) {
    f("body", body);
    f("shortcut", shortcut);
  }
  template <class F>
  void members(F&& f) {
    f("body_out", body_out);
    f("shortcut_out", shortcut_out);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    b.enter("body");
    auto const y = body.lower(b, x);
    b.leave();
    b.enter("shortcut");
    auto const z = shortcut.lower(b, x);
    b.leave();
    return b.add(y, body_out, z, shortcut_out);
  }
};

template <class B>
residual(B) -> residual<B>;
template <class B, class S>
residual(B, S) -> residual<B, S>;

}  // namespace petra::nn
