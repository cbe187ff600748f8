// Lowers nn::conv1d and the pools of steps: windows of a map of one row. Taps that are neighbors go to the kernels of two
// dimensions, with all their forms, taps apart to kernels of their own (deploy/run_series.hpp), groups to those of two
// dimensions in either case.
//
// Of a sequence with a length a convolution reads zeros where padding stands, a maximum what is below everything, and a mean is
// that of the steps that count; the length of what comes out is that of the windows that fit.
#pragma once
#include <cstdint>

#include "petra/deploy/ops/steps.hpp"
#include "petra/deploy/run_series.hpp"
#include "petra/nn/conv1d.hpp"
#include "petra/nn/pool1d.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct window_length_kernel {
  using shape = rt::step_windows;
  static constexpr char const *name = "window_length", *shape_name = "step_windows";
  static constexpr bool is_integer = true;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.reach, s.stride, s.pads);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::window_length(a...);
  }
};

// How many windows of a sequence there are, of its length.
class window_length_op final : public own_op {
 public:
  explicit window_length_op(rt::step_windows const& windows) : windows_(windows) {}
  [[nodiscard]] char const* name() const noexcept override { return "window_length"; }
  [[nodiscard]] std::optional<grid> writes(node const&, std::optional<grid> const&) const override { return {}; }
  [[gnu::cold]] void assemble(step& s, node const&, own_places const& at) const override {
    s.own = call_of<window_length_kernel>(windows_, 0, 1, memory<float>{at.read[0]}, memory<float>{at.written});
  }
  void reference(node const&, std::span<reference_value const* const> in, std::span<map_shape const>,
                 reference_value& out) const override {
    auto const steps = static_cast<index_t>(in[0]->f[0]);
    out.f[0] = static_cast<float>(ops::windows_of(steps, windows_.reach, windows_.stride, windows_.pads));
  }

 private:
  rt::step_windows windows_;
};

// Throws: shape_error when x is a picture.
template <class = void>
[[gnu::cold]] void expect_steps(builder const& b, builder::value x) {
  if (b.shape_of(x).h != 1)
    throw_error<shape_error>({b.place(), ": expected a series (L,C), found a map of ", text(b.shape_of(x))});
}

// What window g makes of x: op(x), with padded steps cleared by `clear`, and its length.
template <class Clear, class Op>
[[gnu::cold]] builder::value over_steps(builder& b, builder::value x, builder::geometry_type const& g,
                                        Clear const& clear, Op const& op) {
  expect_steps(b, x);
  builder::value length = b.length(x);
  if (length == builder::no_length) return op(x);
  rt::step_windows const windows{(g.kernel_w - 1) * g.dilation + 1, g.stride, g.pad.left + g.pad.right};
  bool const alone = windows.reach == 1 && windows.pads == 0;
  builder::value const y = op(alone ? x : clear(x));
  if (windows.stride > 1 || windows.pads != windows.reach - 1)
    length = b.own(window_length_op(windows), {length}, {std::nullopt}, {1, 1, 1});
  b.set_length(y, length);
  return y;
}

template <index_t In, index_t Out, nn::window Window, class Weight>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::conv1d<In, Out, Window, Weight> const& l) {
  constexpr auto pads = Window.pads(Window.size);
  auto g = b.geometry(x, 1, Window.size, Window.stride, {0, 0, pads.before, pads.after}, Window.groups);
  if constexpr (Window.dilation > 1 && Window.size > 1) {
    g.dilation = Window.dilation;
    if constexpr (Window.groups <= 1) g.call = &run_series<>;  // a group per channel may be one
  }
  return over_steps(
      b, x, g, [&](builder::value from) { return cleared(b, from); },
      [&](builder::value from) { return l.weight.lower(b, from, l.bias, g); });
}

template <class = void>
[[nodiscard, gnu::cold]] builder::geometry_type pool_window(ops::pool1d_settings const& s) {
  return {1, s.taps, s.stride, {0, 0, s.before, s.after}};
}

template <index_t Size, index_t Stride, index_t Pad>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::max_pool1d<Size, Stride, Pad> const&) {
  auto const g = pool_window(nn::pool1d_window<Size, Stride, Pad>);
  return over_steps(
      b, x, g, [&](builder::value from) { return cleared(b, from, clear_steps_op::padding::least); },
      [&](builder::value from) { return b.max_pool(from, g); });
}
template <index_t Size, index_t Stride, index_t Pad, class Point>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x,
                                         nn::avg_pool1d<Size, Stride, Pad, Point> const& l) {
  constexpr auto windows = nn::pool1d_window<Size, Stride, Pad>;
  auto const g = pool_window(windows);
  bool const padded = b.length(x) != builder::no_length;
  return over_steps(
      b, x, g, [](builder::value from) { return from; },
      [&](builder::value from) {
        return padded ? mean_of_windows(b, from, l.in, windows) : b.avg_pool(from, l.in, g);
      });
}
template <class = void>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::global_max_pool1d const&) {
  if (b.length(x) != builder::no_length) return max_of_steps(b, x);
  expect_steps(b, x);
  return b.max_pool(x, b.whole_map(x));
}
template <class Point>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::global_avg_pool1d<Point> const& l) {
  if (b.length(x) != builder::no_length) return mean_of_steps(b, x, l.in);
  expect_steps(b, x);
  return b.avg_pool(x, l.in, b.whole_map(x));
}

}  // namespace petra::deploy
