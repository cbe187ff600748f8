// Lowers nn::softmax: along the channels, in integers by a table onto the grid 1/256 (runtime/softmax_s8.hpp).
#pragma once
#include <utility>

#include "petra/deploy/call_of.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/deploy/own_op.hpp"
#include "petra/kernel/reference/softmax.hpp"
#include "petra/kernel/reference/softmax_s8.hpp"
#include "petra/nn/softmax.hpp"
#include "petra/runtime/softmax_f32.hpp"
#include "petra/runtime/softmax_s8.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class Shape>
struct rows_kernel {
  using shape = Shape;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.rows, s.cols);
  }
};
struct softmax_f32_kernel : rows_kernel<rt::rows_shape> {
  static constexpr char const *name = "softmax_f32", *shape_name = "rows_shape";
  static constexpr bool is_integer = false;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::softmax_f32(a...);
  }
};
struct softmax_s8_kernel : rows_kernel<rt::softmax_s8_shape> {
  static constexpr char const *name = "softmax_s8", *shape_name = "softmax_s8_shape";
  static constexpr bool is_integer = true;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::softmax_s8(a...);
  }
};

class softmax_op final : public own_op {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "softmax"; }
  // Its own grid, where a reader wants integers and the kernel takes them. What ends a model stays in float.
  [[nodiscard]] std::optional<grid> writes(node const& n, std::optional<grid> const& wanted) const override {
    if (!n.reads[0] || !wanted || n.out.c > 4095 || !(n.reads[0]->scale > 0x1p-26f)) return std::nullopt;
    return grid{0x1p-8f, -128};
  }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    index_t const rows = n.out.h * n.out.w, cols = n.out.c, from = at.in[0].origin(), to = at.out.origin();
    if (n.out_grid) {
      auto table = line<std::int32_t>(256);
      rt::softmax_table_s8(static_cast<double>(n.reads[0]->scale), table.data());
      s.constants.push_back(constant(std::move(table)));
      s.own = call_of<softmax_s8_kernel>({rows, cols}, 0, 4 * n.out.count(), memory<std::int8_t>{at.read[0], from},
                                         packed<std::int32_t>{0}, memory<std::int8_t>{at.written, to});
    } else {
      s.own = call_of<softmax_f32_kernel>({rows, cols}, 0, 8 * n.out.count(), memory<float>{at.read[0], from},
                                          memory<float>{at.written, to});
    }
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const>,
                 reference_value& out) const override {
    index_t const rows = n.out.h * n.out.w, cols = n.out.c;
    if (n.out_grid) {
      rt::requant const q = rt::quantize_multiplier(static_cast<double>(n.reads[0]->scale) * 0x1p26);
      kernel::softmax_s8(kernel::scalar_tag{}, {rows, cols, q.multiplier, q.shift}, in[0]->q.data(), out.q.data());
    } else {
      kernel::softmax(kernel::scalar_tag{}, rows, cols, in[0]->f.data(), out.f.data());
    }
  }
};

template <class Point>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::last_axis_softmax<Point> const& l) {
  return b.own(softmax_op{}, {x}, {builder::grid_of(l.in.grid)}, b.shape_of(x));
}

}  // namespace petra::deploy
