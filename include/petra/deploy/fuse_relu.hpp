// Pass: max(x, 0) is a bound of the operation that makes x (int8: the lower bound of its clamp), so it costs nothing.
//
// A ReLU stays where its input is also read without it, and behind the input.
#pragma once
#include "petra/deploy/graph_edit.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class = void>
void fuse_relu(graph& g) {
  for (index_t i = 1; i < g.size(); ++i) {
    if (g[i].kind != op::relu) continue;
    index_t const from = g[i].inputs[0];
    node& producer = g[from];
    bool const takes = producer.kind == op::conv2d || producer.kind == op::add || producer.kind == op::max_pool ||
                       producer.kind == op::avg_pool || producer.kind == op::relu;
    if (!takes || readers(g)[static_cast<std::size_t>(from)].size() != 1) continue;
    producer.relu = producer.kind != op::relu;  // max(max(x, 0), 0) is one ReLU
    if (g[i].out_grid) producer.out_grid = g[i].out_grid;
    absorb(g, from, i);
    --i;
  }
}

}  // namespace petra::deploy
