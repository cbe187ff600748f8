// Pass: an int8 addition whose one operand is a convolution that nobody else reads becomes part of it: the tile that has
// the convolution's sums in registers reads the other operand and stores their sum (runtime/conv2d_add_s8.hpp).
//
// Of two such operands the later one takes the addition, so that nothing lives longer than before. Convolutions with
// groups or dilation, to a single pixel or of another form than dense keep their additions. The same bits as without the pass.
// Pre: g has gone through run_passes and choose_forms. Idempotent.
#pragma once
#include "petra/deploy/graph_edit.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Whether convolution i can take the addition that alone reads it.
template <class = void>
[[nodiscard, gnu::cold]] bool takes_addition(graph const& g, std::vector<std::vector<index_t>> const& readers,
                                             index_t i) {
  node const& n = g[i];
  return n.kind == op::conv2d && n.is_int8() && n.out_grid && !n.adds() && n.groups == 1 && n.form == form::dense &&
         n.dilation == 1 && n.out.h * n.out.w > 1 && readers[static_cast<std::size_t>(i)].size() == 1;
}

template <class = void>
[[gnu::cold]] void fuse_add(graph& g) {
  for (index_t i = 1; i + 1 < g.size(); ++i) {
    if (g[i].kind != op::add || !g[i].out_grid) continue;
    auto const read_by = readers(g);
    index_t taken = -1;
    std::size_t operand = 0;
    for (std::size_t k = 0; k < 2; ++k)
      if (index_t const from = g[i].inputs[k]; from > taken && takes_addition(g, read_by, from))
        taken = from, operand = k;
    if (taken < 0) continue;
    node sum = std::move(g[taken]);
    sum.own_grid = sum.out_grid;
    sum.own_relu = sum.relu;
    sum.out_grid = g[i].out_grid;
    sum.relu = g[i].relu;
    sum.inputs.push_back(g[i].inputs[1 - operand]);
    sum.reads.push_back(g[i].reads[1 - operand]);
    g[i] = std::move(sum);
    std::vector<char> keep(g.nodes.size(), true);
    keep[static_cast<std::size_t>(taken)] = false;
    keep_nodes(g, keep);
    --i;
  }
}

}  // namespace petra::deploy
