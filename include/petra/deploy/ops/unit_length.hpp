// Lowers nn::unit_length, in float: it ends models of embeddings, whose outputs are float.
#pragma once
#include <cmath>

#include "petra/deploy/call_of.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/deploy/own_op.hpp"
#include "petra/nn/unit_length.hpp"
#include "petra/runtime/unit_length_f32.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct unit_length_f32_kernel {
  using shape = rt::row_shape;
  static constexpr char const *name = "unit_length_f32", *shape_name = "row_shape";
  static constexpr bool is_integer = false;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.count);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::unit_length_f32(a...);
  }
};

class unit_length_op final : public own_op {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "unit_length"; }
  [[nodiscard]] std::optional<grid> writes(node const&, std::optional<grid> const&) const override { return {}; }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    s.own = call_of<unit_length_f32_kernel>({n.out.c}, 0, n.out.c, memory<float>{at.read[0], at.in[0].origin()},
                                            memory<float>{at.written, at.out.origin()});
  }
  void reference(node const&, std::span<reference_value const* const> in, std::span<map_shape const>,
                 reference_value& out) const override {
    double sum = 0;
    for (float const v : in[0]->f) sum += static_cast<double>(v) * static_cast<double>(v);
    double const length = std::sqrt(sum);
    for (std::size_t i = 0; i < out.f.size(); ++i)
      out.f[i] = length < 1e-12 ? 0.f : static_cast<float>(static_cast<double>(in[0]->f[i]) / length);
  }
};

// Throws: shape_error when x is no vector.
template <class = void>
[[gnu::cold]] builder::value lower_layer(builder& b, builder::value x, nn::unit_length const&) {
  if (map_shape const in = b.shape_of(x); in.h != 1 || in.w != 1)
    throw_error<shape_error>({b.place(), ": unit_length expects a vector, found a map of ", text(in)});
  return b.own(unit_length_op{}, {x}, {std::nullopt}, b.shape_of(x));
}

}  // namespace petra::deploy
