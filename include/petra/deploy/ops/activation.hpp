// Lowers nn::activation: in float by formula, in integers by a table of the 256 values that the input can have.
#pragma once
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "petra/deploy/call_of.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/deploy/own_op.hpp"
#include "petra/nn/activation.hpp"
#include "petra/runtime/activation_map.hpp"

namespace petra::inline PETRA_ABI::deploy {

// What stands for F of kernel::activations in petra::rt, and its text.
template <class F>
struct runtime_activation;
template <>
struct runtime_activation<kernel::activations::sigmoid> : std::type_identity<rt::activation::sigmoid> {
  static constexpr char const *name = "sigmoid", *text = "rt::activation::sigmoid";
};
template <>
struct runtime_activation<kernel::activations::tanh> : std::type_identity<rt::activation::tanh> {
  static constexpr char const *name = "tanh", *text = "rt::activation::tanh";
};
template <>
struct runtime_activation<kernel::activations::gelu> : std::type_identity<rt::activation::gelu> {
  static constexpr char const *name = "gelu", *text = "rt::activation::gelu";
};
template <>
struct runtime_activation<kernel::activations::gelu_tanh> : std::type_identity<rt::activation::gelu_tanh> {
  static constexpr char const *name = "gelu_tanh", *text = "rt::activation::gelu_tanh";
};
template <>
struct runtime_activation<kernel::activations::silu> : std::type_identity<rt::activation::silu> {
  static constexpr char const *name = "silu", *text = "rt::activation::silu";
};
template <>
struct runtime_activation<kernel::activations::relu6> : std::type_identity<rt::activation::relu6> {
  static constexpr char const *name = "relu6", *text = "rt::activation::relu6";
};
template <>
struct runtime_activation<kernel::activations::hard_swish> : std::type_identity<rt::activation::hard_swish> {
  static constexpr char const *name = "hard_swish", *text = "rt::activation::hard_swish";
};
template <>
struct runtime_activation<kernel::activations::leaky_relu> : std::type_identity<rt::activation::leaky_relu> {
  static constexpr char const *name = "leaky_relu", *text = "rt::activation::leaky_relu";
};

struct map_pair_kernel {
  using shape = rt::map_pair;
  static constexpr char const* shape_name = "map_pair";
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.in, s.out);
  }
};
struct activation_map_f32_kernel : map_pair_kernel {
  static constexpr char const* name = "activation_map_f32";
  static constexpr bool is_integer = false;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::activation_map_f32(a...);
  }
};
struct lookup_map_s8_kernel : map_pair_kernel {
  static constexpr char const* name = "lookup_map_s8";
  static constexpr bool is_integer = true;
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::lookup_map_s8(a...);
  }
};

// The function as an argument of the call.
template <class F>
struct activation_argument {
  typename runtime_activation<F>::type f;

  [[nodiscard]] auto of(step_operands const&) const noexcept { return f; }
  void append_to(std::string& out, std::string const&, step const&) const {
    append(out, {runtime_activation<F>::text, "{"});
    if constexpr (requires { f.below; }) append_number(out, f.below);
    out += '}';
  }
};

template <class F>
class activation_op final : public own_op {
 public:
  explicit activation_op(F f) : f_(f) {}

  [[nodiscard]] char const* name() const noexcept override { return runtime_activation<F>::name; }
  [[nodiscard]] bool knows_frames() const noexcept override { return true; }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    rt::map_pair const maps{at.in[0], at.out};
    index_t const work = n.out.count();
    if (n.out_grid) {
      s.constants.push_back(constant(table(*n.reads[0], *n.out_grid)));
      s.own = call_of<lookup_map_s8_kernel>(maps, 0, work, packed<std::int8_t>{0},
                                            number<std::int8_t>{static_cast<std::int8_t>(n.out_grid->zero)},
                                            memory<std::int8_t>{at.read[0]}, memory<std::int8_t>{at.written});
      return;
    }
    activation_argument<F> a{};
    if constexpr (requires { f_.below; }) a.f.below = f_.below;
    s.own = call_of<activation_map_f32_kernel>(maps, 0, work, a, memory<float>{at.read[0]}, memory<float>{at.written});
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const>,
                 reference_value& out) const override {
    if (n.out_grid) {
      tensor<std::int8_t> const values = table(*n.reads[0], *n.out_grid);
      for (std::size_t i = 0; i < out.q.size(); ++i) out.q[i] = values[in[0]->q[i] + 128];
    } else {
      for (std::size_t i = 0; i < out.f.size(); ++i) out.f[i] = static_cast<float>(f_.of(double{in[0]->f[i]}));
    }
  }

 private:
  [[nodiscard]] tensor<std::int8_t> table(grid const& from, grid const& to) const {
    auto values = line<std::int8_t>(256);
    for (int q = -128; q < 128; ++q) {
      double const y = f_.of(static_cast<double>(from.scale) * (q - from.zero)) / static_cast<double>(to.scale);
      values[q + 128] = static_cast<std::int8_t>(std::clamp(std::nearbyint(y) + to.zero, -128., 127.));
    }
    return values;
  }

  F f_;
};

template <class F, class Point>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::activation<F, Point> const& l) {
  return b.own(activation_op<F>(l.f), {x}, {builder::grid_of(l.in.grid)}, b.shape_of(x));
}

}  // namespace petra::deploy
