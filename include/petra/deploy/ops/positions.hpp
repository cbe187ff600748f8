// Lowers nn::positions and nn::sine_positions: a constant row for each step, in integers a constant second addend.
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "petra/deploy/ops/steps.hpp"
#include "petra/kernel/reference/add_s8.hpp"
#include "petra/kernel/reference/quantize_s8.hpp"
#include "petra/nn/positions.hpp"
#include "petra/runtime/linear_sum.hpp"
#include "petra/runtime/positions.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct positions_f32_kernel {
  using shape = rt::add_f32_shape;
  static constexpr char const *name = "positions_f32", *shape_name = "add_f32_shape";
  static constexpr bool is_integer = false;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.a, s.b, s.out, s.relu);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::positions_f32(a...);
  }
};
struct positions_s8_kernel {
  using shape = rt::add_shape;
  static constexpr char const *name = "positions_s8", *shape_name = "add_shape";
  static constexpr bool is_integer = true;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.a, s.b, s.out, s.a_zero, s.b_zero, s.left_shift, s.a_scale, s.b_scale, s.out_scale, s.out_zero, s.out_min,
      s.out_max, s.linear);
  }
  template <class F>
  static void timed(shape const& s, F f) {
    f(s.out);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::positions_s8(a...);
  }
};

class positions_op final : public steps_op {
 public:
  // table (L,C); its grid, or none.
  positions_op(tensor<float> table, std::optional<grid> const& places) : table_(std::move(table)), places_(places) {}

  [[nodiscard]] char const* name() const noexcept override { return "positions"; }
  [[nodiscard]] std::optional<grid> writes(node const& n, std::optional<grid> const& wanted) const override {
    return n.reads[0] && places_ ? wanted : std::nullopt;
  }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    rt::feature_map const m{1, n.out.w, n.out.c, 0};
    if (n.out_grid) {
      auto places = line<std::int8_t>(table_.size() + n.out.c);
      on_grid(places.data());
      std::fill_n(places.data() + table_.size(), n.out.c, static_cast<std::int8_t>(places_->zero));
      s.constants.push_back(constant(std::move(places)));
      s.own = call_of<positions_s8_kernel>(rt::with_linear_sum(addition(n, m)), 0, n.out.count(), x<std::int8_t>(at),
                                           packed<std::int8_t>{0}, y<std::int8_t>(at), length(at));
    } else {
      s.constants.push_back(constant(table_));
      s.own = call_of<positions_f32_kernel>({m, m, m, false}, 0, n.out.count(), x<float>(at), packed<float>{0},
                                            y<float>(at), length(at));
    }
  }
  [[gnu::cold]] void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const>,
                               reference_value& out) const override {
    index_t const counted = steps_counted(in, 1, n.out.w) * n.out.c;
    if (n.out_grid) {
      rt::add_shape const s = addition(n, {});
      kernel::add_s8_grids g{s.a_zero, s.b_zero, s.left_shift};
      g.a_multiplier = s.a_scale.multiplier, g.a_shift = s.a_scale.shift;
      g.b_multiplier = s.b_scale.multiplier, g.b_shift = s.b_scale.shift;
      g.out_multiplier = s.out_scale.multiplier, g.out_shift = s.out_scale.shift;
      g.out_zero = s.out_zero;
      std::vector<std::int8_t> places(out.q.size());
      on_grid(places.data());
      std::fill(places.begin() + counted, places.end(), static_cast<std::int8_t>(s.b_zero));
      kernel::add_s8(kernel::scalar_tag{}, n.out.count(), g, in[0]->q.data(), places.data(), out.q.data());
    } else {
      out.f = in[0]->f;
      for (index_t i = 0; i < counted; ++i) out.f[static_cast<std::size_t>(i)] += table_[i];
    }
  }

 private:
  void on_grid(std::int8_t* q) const {
    kernel::quantize_s8(kernel::scalar_tag{}, table_.size(), table_.data(), places_->scale, places_->zero, q);
  }
  [[nodiscard]] rt::add_shape addition(node const& n, rt::feature_map const& m) const {
    grid const from = *n.reads[0], to = *n.out_grid;
    return rt::add_scales({m, m, m, from.zero, places_->zero, 20, {}, {}, {}, to.zero, -128, 127, {}},
                          static_cast<double>(from.scale), static_cast<double>(places_->scale),
                          static_cast<double>(to.scale));
  }

  tensor<float> table_;
  std::optional<grid> places_;
};

// The first rows of a table, one for each step of x. Throws: shape_error when there are fewer.
template <class Point>
[[gnu::cold]] builder::value add_places(builder& b, builder::value x, tensor<float> const& table, Point const& in,
                                        Point const& places) {
  map_shape const s = b.shape_of(x);
  if (table.empty() || table.rows() < s.w || table.cols() != s.c)
    throw_error<shape_error>({b.place(), ": expected at most ", table.empty() ? 0 : table.rows(), " steps of ",
                              table.empty() ? 0 : table.cols(), " channels, found ", s.w, " of ", s.c});
  tensor<float> rows({s.w, s.c});
  std::copy_n(table.data(), rows.size(), rows.data());
  return on_steps(b, x, positions_op(std::move(rows), builder::grid_of(places.grid)), builder::grid_of(in.grid), s);
}

template <index_t Length, index_t Width, class Point>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::positions<Length, Width, Point> const& l) {
  return add_places(b, x, l.table, l.in, l.places);
}
template <class Point>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::sine_table<Point> const& l) {
  map_shape const s = b.shape_of(x);
  return add_places(b, x, l.waves(s.w, s.c), l.in, l.places);
}

}  // namespace petra::deploy
