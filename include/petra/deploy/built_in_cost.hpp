// One entry of a built-in cost table, as short as the calls it stands for allow: a square map with a 3x3 window, stride 1,
// or a product on rows.
#pragma once
#include "petra/deploy/cost_key.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct built_in_cost {
  kernel_kind kind{};
  int size = 1;  // pixels along each side, or rows of a product
  int inputs = 1, outputs = 1;
  double ns = 0;
};

[[nodiscard]] constexpr bool is_windowed(kernel_kind k) {
  return k == kernel_kind::conv2d_f32 || k == kernel_kind::winograd_f32;
}

[[nodiscard, gnu::cold]] inline cost_key key_of(built_in_cost const& c) {
  bool const window = is_windowed(c.kind);
  index_t const width = window ? c.size : 1, kernel = window ? 3 : 1;
  return {c.kind, {c.size, width, c.inputs}, {c.size, width, c.outputs}, kernel, kernel, 1, window ? 1 : 0, 1};
}

}  // namespace petra::deploy
