// What steps hold beside extents: biases, factors of grids and packed weights.
#pragma once
#include <algorithm>
#include <utility>

#include "petra/deploy/graph.hpp"
#include "petra/deploy/integer_weights.hpp"
#include "petra/deploy/step.hpp"

namespace petra::inline PETRA_ABI::deploy {

[[nodiscard]] inline rt::requant factor(grid const& from, grid const& to) {
  return rt::quantize_multiplier(static_cast<double>(from.scale) / static_cast<double>(to.scale));
}
// ReLU on a grid: nothing below its zero point.
[[nodiscard]] inline std::int32_t lower_bound(bool relu, grid const& g) { return relu ? std::max(-128, g.zero) : -128; }
[[nodiscard]] inline std::int32_t lower_bound(node const& n) {
  return lower_bound(n.relu || n.kind == op::relu, *n.out_grid);
}

template <class = void>
[[nodiscard, gnu::cold]] tensor<float> bias_of(node const& n) {
  auto bias = line<float>(n.out.c);
  if (!n.bias.empty()) std::copy_n(n.bias.data(), n.out.c, bias.data());
  return bias;
}

// The kept blocks of weights w, and which they are.
template <class Shape, class T>
[[gnu::cold]] void push_blocks(Shape const& shape, T const* w, step& s) {
  rt::block_sparse_size const size = rt::packed_size(shape, w);
  auto packed = line<T>(std::max<index_t>(1, size.weights));  // all zeros: one, so that there is something to point at
  auto index = line<std::uint16_t>(size.index);
  rt::pack(shape, w, packed.data(), index.data());
  s.constants.push_back(constant(std::move(packed)));
  s.constants.push_back(constant(std::move(index)));
}

// What follows the weights and the bias of an integer product: the way back to int8, or to float.
template <class = void>
[[gnu::cold]] void push_factors(node const& n, integer_weights& q, step& s) {
  if (n.out_grid) {
    s.constants.push_back(constant(std::move(q.multiplier)));
    s.constants.push_back(constant(std::move(q.shift)));
  } else {
    s.constants.push_back(constant(std::move(q.scale)));
  }
}

}  // namespace petra::deploy
