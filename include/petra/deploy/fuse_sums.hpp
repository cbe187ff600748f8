// Pass: a float addition that one operation alone reads becomes part of it, where that can add its inputs by itself
// (own_op::adds_inputs): a layer norm behind a shortcut reads both addends, and their sum is never in memory.
//
// Additions with a ReLU stay, and those of pictures, whose frames such operations do not know. So do integer ones: an
// addition is part of the convolution before it (deploy/fuse_add.hpp), where it costs less than in a norm, which needs its
// inputs three times (64 x 64: 0.17 us instead of 0.25). Sums differ in nothing.
// Pre: formats are assigned. Idempotent.
#pragma once
#include "petra/deploy/graph_edit.hpp"
#include "petra/deploy/own_op.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class = void>
[[gnu::cold]] void fuse_sums(graph& g) {
  for (index_t i = 1; i < g.size(); ++i) {
    node& n = g[i];
    if (n.own == nullptr || !n.own->adds_inputs() || n.inputs.size() != 1 || n.out_grid) continue;
    index_t const from = n.inputs[0];
    node const& sum = g[from];
    if (sum.kind != op::add || sum.relu || sum.out_grid || sum.out.h != 1 ||
        readers(g)[static_cast<std::size_t>(from)].size() != 1)
      continue;
    n.inputs = sum.inputs;
    n.reads = sum.reads;
    std::vector<char> keep(g.nodes.size(), true);
    keep[static_cast<std::size_t>(from)] = false;
    keep_nodes(g, keep);
    --i;
  }
}

}  // namespace petra::deploy
