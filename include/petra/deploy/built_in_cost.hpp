// One entry of a built-in cost table, as short as the calls it stands for allow: a square map with a 3x3 window, stride 1,
// or a product on rows.
#pragma once
#include "petra/deploy/cost_key.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct built_in_cost {
  kernel_kind kind{};
  int kernel = 1;  // 3: a window
  int size = 1;    // pixels along each side, or rows of a product
  int inputs = 1, outputs = 1;
  double ns = 0;
  int kept = 0;    // weights of a sparse product, or of one in two factors
  int groups = 1;  // inputs that share a scale of int4 weights, 1: all
};

template <class = void>
[[nodiscard, gnu::cold]] cost_key key_of(built_in_cost const& c) {
  index_t const width = c.kernel == 1 ? 1 : c.size, pad = c.kernel / 2;
  return {c.kind, {c.size, width, c.inputs}, {c.size, width, c.outputs}, c.kernel, c.kernel, 1, pad, c.groups, c.kept};
}

}  // namespace petra::deploy
