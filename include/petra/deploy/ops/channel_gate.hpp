// Lowers nn::channel_gate: the mean of each channel, what the gate makes of them, and each channel by its factor.
#pragma once
#include "petra/deploy/ops/activation.hpp"
#include "petra/deploy/ops/steps.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/nn/channel_gate.hpp"
#include "petra/runtime/scale_channels_f32.hpp"
#include "petra/runtime/scale_channels_s8.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct scale_channels_f32_kernel : map_pair_kernel {
  static constexpr char const* name = "scale_channels_f32";
  static constexpr bool is_integer = false;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::scale_channels_f32(a...);
  }
};
struct scale_channels_s8_kernel {
  using shape = rt::scale_channels_shape;
  static constexpr char const *name = "scale_channels_s8", *shape_name = "scale_channels_shape";
  static constexpr bool is_integer = true;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.in, s.out, s.in_zero, s.factor_zero, s.scale, s.out_zero);
  }
  template <class F>
  static void timed(shape const& s, F f) {
    f(s.in, s.out);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::scale_channels_s8(a...);
  }
};

// Input 0: a map; input 1: a factor for each of its channels.
class scale_channels_op final : public own_op {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "scale_channels"; }
  [[nodiscard]] bool knows_frames() const noexcept override { return true; }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    index_t const work = n.out.count();
    if (n.out_grid)
      s.own = call_of<scale_channels_s8_kernel>(
          {at.in[0], at.out, n.reads[0]->zero, n.reads[1]->zero, factor(n), n.out_grid->zero}, 0, work,
          memory<std::int8_t>{at.read[0]}, memory<std::int8_t>{at.read[1], at.in[1].origin()},
          memory<std::int8_t>{at.written});
    else
      s.own =
          call_of<scale_channels_f32_kernel>({at.in[0], at.out}, 0, work, memory<float>{at.read[0]},
                                             memory<float>{at.read[1], at.in[1].origin()}, memory<float>{at.written});
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const>,
                 reference_value& out) const override {
    auto const c = static_cast<std::size_t>(n.out.c), count = static_cast<std::size_t>(n.out.count());
    for (std::size_t i = 0; i < count; ++i)
      if (n.out_grid) {
        rt::requant const f = factor(n);
        int const product = (in[0]->q[i] - n.reads[0]->zero) * (in[1]->q[i % c] - n.reads[1]->zero);
        out.q[i] =
            kernel::onto_grid(kernel::round_once::apply(product, f.multiplier, f.shift), n.out_grid->zero, -128, 127);
      } else {
        out.f[i] = in[0]->f[i] * in[1]->f[i % c];
      }
  }

 private:
  static rt::requant factor(node const& n) {
    return rt::quantize_multiplier(static_cast<double>(n.reads[0]->scale) * static_cast<double>(n.reads[1]->scale) /
                                   static_cast<double>(n.out_grid->scale));
  }
};

// Throws: shape_error when the gate makes another number of factors than there are channels.
template <class Gate, class Point>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::channel_gate<Gate, Point> const& l) {
  builder::value const mean =
      b.length(x) != builder::no_length ? mean_of_steps(b, x, l.in) : b.avg_pool(x, l.in, b.whole_map(x));
  b.enter("gate");
  builder::value const factor = l.gate.lower(b, mean);
  b.leave();
  if (b.shape_of(factor).count() != b.shape_of(x).c)
    throw_error<shape_error>({b.place(), ": expected a factor for each of ", b.shape_of(x).c, " channels, found ",
                              b.shape_of(factor).count()});
  return b.own(scale_channels_op{}, {x, factor}, {builder::grid_of(l.in.grid), builder::grid_of(l.factor.grid)},
               b.shape_of(x));
}

}  // namespace petra::deploy
