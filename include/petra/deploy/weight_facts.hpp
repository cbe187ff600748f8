// What the weights of a matrix product say of the forms that could hold them.
#pragma once
#include <algorithm>

#include "petra/deploy/form.hpp"
#include "petra/deploy/integer_weights.hpp"

namespace petra::inline PETRA_ABI::deploy {

// All false and 0 for a node that is no product.
struct weight_facts {
  bool fits_int4 = false;  // int8: every weight in [-8, 7]
  bool is_2_4 = false;     // int8: of every four weights of an output at most two are not zero
  index_t kept = 0;        // weights in blocks that are not zero, at least 1; a weight that is zero on its grid is zero
};

// Pre: g has gone through run_passes. Cost: quantizes the weights once.
template <class = void>
[[nodiscard, gnu::cold]] weight_facts facts_of(graph const& g, index_t i) {
  if (!is_product(g, i)) return {};
  node const& n = g[i];
  auto const [rows, inputs, outputs] = product_of(g, i);
  if (!n.is_int8()) {
    rt::block_sparse_f32_shape const shape{rows, inputs, outputs};
    return {false, false, std::max<index_t>(1, rt::packed_size(shape, n.weight.data()).weights)};
  }
  if (n.group > 0) return {true, false, 0};  // int4 is all that holds groups
  integer_weights const q = quantize_weights(n);
  return {
      std::all_of(q.weight.begin(), q.weight.end(), [](std::int8_t w) { return w >= -8 && w <= 7; }),
      rt::is_2_4({rows, inputs, outputs}, q.weight.data()),
      std::max<index_t>(1, rt::packed_size(rt::block_sparse_shape{rows, inputs, outputs}, q.weight.data()).weights)};
}

}  // namespace petra::deploy
