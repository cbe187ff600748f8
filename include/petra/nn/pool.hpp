// Pooling of (N,H,W,C). An average reads its input on a grid of its own (it does not preserve the grid), a maximum passes it on.
#pragma once
#include "petra/grad/ops/pool.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

template <index_t Size = 2, index_t Stride = Size, index_t Pad = 0>
struct max_pool {
  static_assert(Size >= 1 && Stride >= 1 && Pad >= 0 && 2 * Pad <= Size,
                "petra: max_pool needs size, stride >= 1 and 2 pad <= size");
  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::max_pool(t, x, {Size, Stride, Pad});
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] max_pool map(F const&) const {
    return *this;
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    return b.max_pool(x, {Size, Size, Stride, Pad});
  }
};

// Size 0: the whole map, (N,H,W,C) -> (N,1,1,C).
template <index_t Size = 2, index_t Stride = Size, index_t Pad = 0, class Point = point<>>
struct avg_pool {
  static_assert(Size >= 0 && Stride >= 0 && Pad >= 0 && 2 * Pad <= Size,
                "petra: avg_pool needs size, stride >= 0 and 2 pad <= size");
  Point in;

  template <scalar T>
  var forward(tape<T>& t, var x) {
    return ops::avg_pool(t, in.input(t, x), {Size, Stride, Pad});
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto p = f(in, *this);
    return avg_pool<Size, Stride, Pad, decltype(p)>{std::move(p)};
  }
  template <class F>
  void members(F&& f) {
    f("in", in);
  }
  template <class Builder>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x) const {
    if constexpr (Size == 0)
      return b.avg_pool(x, in, b.whole_map(x));
    else
      return b.avg_pool(x, in, {Size, Size, Stride, Pad});
  }
};

template <class Point = point<>>
using global_avg_pool = avg_pool<0, 0, 0, Point>;

static_assert(layer<max_pool<>> && layer<avg_pool<>> && layer<global_avg_pool<>>);

}  // namespace petra::nn
