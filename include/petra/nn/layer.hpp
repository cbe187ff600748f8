// What a layer is, and what layers with a weight share.
//
// A layer names its one primitive op and is a template on its weight. It has
//     forward(tape<T>&, var x) -> var
//     static constexpr trace(channel_plan&, int group) -> int     which channels depend on which (nn/channel_plan.hpp)
//     map(f) -> layer'                                            f(part, layer) for every weight structure and every point
//     members(f)                                                  f(name, member) for everything it owns
//     lower(builder, value) -> value                              itself as operations of deploy/graph.hpp
// Combinators add `children(f)`: f(name, child). A user's layer is one file (docs/add_a_layer.md).
#pragma once
#include <concepts>
#include <string>
#include <vector>

#include "petra/core/concepts.hpp"
#include "petra/nn/channel_plan.hpp"
#include "petra/nn/weight/full.hpp"
#include "petra/nn/weight/low_rank.hpp"
#include "petra/nn/weight/one_of.hpp"

namespace petra::inline PETRA_ABI::nn {

template <class L>
concept layer = copyable<L> && requires(L& l, tape<float>& t, var x) {
  { l.forward(t, x) } -> std::same_as<var>;
};

// Layers whose weight belongs to a channel_plan site, in the order of `trace`.
template <class L>
concept weighted = requires {
  typename L::weight_type;
};
// Layers with several weights, weight_count of them with a channel_plan site each (a recurrent layer): `weights(f)` calls
// f(weight, bias) in the order of `trace`; `in` and `units` are its extents, `rebind<I, U>` is its type with I inputs and U units, `as<To>()` the layer
// in such a type.
template <class L>
concept many_weighted = requires {
  L::weight_count;
};
// Layers with per-channel state (batch norm).
template <class L>
concept per_channel_state = requires {
  L::has_channel_state;
};
template <class L>
concept combinator = requires(L& l) {
  l.children([](char const*, auto&) {});
};

// A weight of static extents, zero until `initialize`; with a dyn extent it is empty until a stage or a loader fills it.
template <class Weight>
Weight new_weight(index_t rows, index_t cols) {
  Weight w;
  if constexpr (requires { w.a.w; })
    if (rows != dyn && cols != dyn) w.a.w = tensor<float>({rows, cols});
  return w;
}
inline tensor<float> new_bias(index_t out) { return out == dyn ? tensor<float>{} : tensor<float>({1, out}); }

// The path of a place while a model is walked: "2.body.0". Out of line on purpose: inlined into every layer of every walk,
// string handling was half of the compile time of a training program.
class place {
 public:
  [[gnu::noinline]] std::size_t enter(char const* name) {
    std::size_t const before = text_.size();
    if (before > 0) text_ += '.';
    text_ += name;
    return before;
  }
  [[gnu::noinline]] void leave(std::size_t before) { text_.resize(before); }
  [[nodiscard]] std::string const& text() const { return text_; }

 private:
  std::string text_;
};

namespace detail {

template <class L, class F>
[[gnu::cold]] void walk_layers(L& l, F& f, place& at) {
  if constexpr (combinator<L>)
    l.children([&](char const* name, auto& child) __attribute__((cold)) {
      auto const before = at.enter(name);
      walk_layers(child, f, at);
      at.leave(before);
    });
  else
    f(l, at.text());
}
template <class L, class F>
[[gnu::cold]] void walk_members(L& l, F& f, place& at) {
  auto visit = [&](char const* name, auto& m) __attribute__((cold)) {
    auto const before = at.enter(name);
    walk_members(m, f, at);
    at.leave(before);
  };
  if constexpr (combinator<L>) l.children(visit);
  if constexpr (requires { l.members(visit); })
    l.members(visit);
  else if constexpr (!combinator<L> && !std::is_empty_v<L>)
    f(at.text(), l);
}

}  // namespace detail

// f(layer, path) for every layer that is no combinator, depth first, in the order of execution.
template <class L, class F>
[[gnu::cold]] void for_each_layer(L& l, F&& f) {
  place at;
  detail::walk_layers(l, f, at);
}

// f(weight, bias) for every weight of l that has a channel_plan site, in the order of `trace`.
template <class L, class F>
[[gnu::cold]] void for_each_weight(L& l, F&& f) {
  if constexpr (weighted<L>)
    f(l.weight, l.bias);
  else if constexpr (many_weighted<L>)
    l.weights(f);
}

// f(path, member) for every tensor and number that L owns, depth first: parameters, state, checkpoints, hashes.
template <class L, class F>
[[gnu::cold]] void for_each_member(L& l, F&& f) {
  place at;
  detail::walk_members(l, f, at);
}

// What for_each_member meets, its type forgotten: a float tensor, or a number that is read and written as a float.
struct member {
  std::string path;
  petra::tensor<float>* tensor = nullptr;  // null: a number
  void* number = nullptr;
  float (*read)(void const*) = nullptr;
  void (*write)(void*, float) = nullptr;
};

namespace detail {

// Apart from the walk, which is compiled once for each type of layer.
[[gnu::cold, gnu::noinline]] inline void keep(std::vector<member>& all, std::string const& path, tensor<float>* t,
                                              void* number, float (*read)(void const*), void (*write)(void*, float)) {
  all.push_back({path, t, number, read, write});
}

}  // namespace detail

// Every tensor and number of l; valid as long as l is and keeps its choices. One walk of the model's type serves all who
// need no more: walks are what a training program spends most of its compile time on.
template <class L>
[[gnu::cold]] std::vector<member> members_of(L& l) {
  std::vector<member> all;
  for_each_member(l, [&]<class X>(std::string const& path, X& x) {
    if constexpr (std::same_as<X, tensor<float>>)
      detail::keep(all, path, &x, nullptr, nullptr, nullptr);
    else
      detail::keep(
          all, path, nullptr, &x, [](void const* n) { return static_cast<float>(*static_cast<X const*>(n)); },
          [](void* n, float v) { *static_cast<X*>(n) = static_cast<X>(v); });
  });
  return all;
}

}  // namespace petra::nn
