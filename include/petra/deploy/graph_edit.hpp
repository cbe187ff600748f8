// Questions and edits that every pass over a graph needs: who reads a value, and replacing two nodes by one.
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "petra/deploy/graph.hpp"

namespace petra::inline PETRA_ABI::deploy {

// readers[i]: the nodes that read node i, in order; a node that reads it twice appears twice.
template <class = void>
[[gnu::cold]] std::vector<std::vector<index_t>> readers(graph const& g) {
  std::vector<std::vector<index_t>> by(g.nodes.size());
  for (index_t i = 0; i < g.size(); ++i)
    for (index_t const from : g[i].inputs) by[static_cast<std::size_t>(from)].push_back(i);
  return by;
}

// The nodes for which keep is true, renumbered. Pre: no kept node reads one that goes.
template <class = void>
[[gnu::cold]] void keep_nodes(graph& g, std::vector<char> const& keep) {
  std::vector<index_t> renamed(g.nodes.size(), -1);
  std::vector<node> kept;
  for (std::size_t i = 0; i < g.nodes.size(); ++i) {
    if (!keep[i]) continue;
    for (index_t& from : g.nodes[i].inputs) from = renamed[static_cast<std::size_t>(from)];
    renamed[i] = static_cast<index_t>(kept.size());
    kept.push_back(std::move(g.nodes[i]));
  }
  g.nodes = std::move(kept);
}

// Nodes whose value nobody reads, the input and the last node apart.
template <class = void>
[[gnu::cold]] void drop_unread(graph& g) {
  std::vector<char> keep(g.nodes.size(), false);
  keep.front() = keep.back() = true;
  for (std::size_t i = g.nodes.size(); i-- > 0;)
    if (keep[i])
      for (index_t const from : g.nodes[i].inputs) keep[static_cast<std::size_t>(from)] = true;
  keep_nodes(g, keep);
}

// Node `reader` becomes node `producer`; the producer's own position goes. Order stays valid, and if the reader was the
// last node, the producer now is. Pre: reader is the only one that reads producer, and reads nothing else.
template <class = void>
[[gnu::cold]] void absorb(graph& g, index_t producer, index_t reader) {
  g[reader] = std::move(g[producer]);
  std::vector<char> keep(g.nodes.size(), true);
  keep[static_cast<std::size_t>(producer)] = false;
  keep_nodes(g, keep);
}

}  // namespace petra::deploy
