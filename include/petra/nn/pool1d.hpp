// Pooling along the steps of sequences, (N,L,C) -> (N,L',C), or over all of them, (N,L,C) -> (N,C). Padded steps do not count.
// An average reads its input on a grid of its own (it does not preserve the grid), a maximum passes it on.
#pragma once
#include "petra/grad/ops/pool1d.hpp"
#include "petra/nn/layer.hpp"
#include "petra/nn/window.hpp"

namespace petra::inline PETRA_ABI::nn {

// Pad `same`: L' = ceil(L / Stride).
template <index_t Size = 2, index_t Stride = Size, index_t Pad = 0>
inline constexpr ops::pool1d_settings pool1d_window = [] {
  static_assert(Size >= 1 && Stride >= 1 && Pad >= same && 2 * Pad <= Size,
                "petra: a pooling along steps needs size, stride >= 1 and 2 pad <= size");
  constexpr auto pads = window{.size = Size, .pad = Pad}.pads(Size);
  return ops::pool1d_settings{Size, Stride, pads.before, pads.after};
}();

template <index_t Size = 2, index_t Stride = Size, index_t Pad = 0>
struct max_pool1d {
  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::max_pool1d(t, x, pool1d_window<Size, Stride, Pad>);
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] max_pool1d map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

template <index_t Size = 2, index_t Stride = Size, index_t Pad = 0, class Point = point<>>
struct avg_pool1d {
  Point in;

  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::avg_pool1d(t, in.input(t, x), pool1d_window<Size, Stride, Pad>);
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto p = f(in, *this);
    return avg_pool1d<Size, Stride, Pad, decltype(p)>{std::move(p)};
  }
  template <class F>
  void members(F&& f) {
    f("in", in);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

struct global_max_pool1d {
  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::max_of_steps(t, x);
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] global_max_pool1d map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

template <class Point = point<>>
struct global_avg_pool1d {
  Point in;

  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::mean_of_steps(t, in.input(t, x));
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto p = f(in, *this);
    return global_avg_pool1d<decltype(p)>{std::move(p)};
  }
  template <class F>
  void members(F&& f) {
    f("in", in);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.layer(x, *this);
  }
};

static_assert(layer<max_pool1d<>> && layer<avg_pool1d<>> && layer<global_max_pool1d> && layer<global_avg_pool1d<>>);

}  // namespace petra::nn
