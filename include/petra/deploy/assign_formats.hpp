// Pass: every value gets one format, float or an int8 grid, and conversions are inserted where a reader wants another
// one.
//
// The readers decide, last node first. An int8 convolution writes the grid that its readers name; where they differ,
// the one named most often (the first of these on a tie), and the others get a requantize. A ReLU or maximum that was
// not fused hands its readers' grid on to its producer. An add or average with grids on its inputs runs in integers if
// a reader names the grid of its output; otherwise (it ends the graph, or its readers are float) it reads dequantized
// values. Channels that are put side by side come on the grid of all of them, where what makes them has no other reader and
// can write any grid: joining them then is a copy. Float readers of an int8 value get a dequantize, int8 readers of a float value a quantize; readers that agree
// share one.
//
// A grid in `out_grid` before the pass overrides what the readers say. The pass is idempotent.
// Throws: stage_error where an int8 convolution could not run as int8: it names no input grid, or nobody names its
// output grid and it is no dense layer (a kernel over the whole map leaves in float, as accumulator * scale). Nothing
// is widened silently.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "petra/deploy/check_graph.hpp"
#include "petra/deploy/graph_edit.hpp"

namespace petra::inline PETRA_ABI::deploy {

using value_format = std::optional<grid>;  // nullopt: float

// The format in which n reads its k-th input. Pre: n.out_grid is decided.
template <class = void>
[[gnu::cold]] value_format read_format(node const& n, std::size_t k) {
  switch (n.kind) {
    case op::conv2d:
      return n.is_int8() ? n.reads[k] : value_format{};
    case op::add:
    case op::avg_pool:
    case op::own:
      return n.out_grid ? n.reads[k] : value_format{};
    case op::relu:
    case op::max_pool:
      return n.out_grid;
    case op::dequantize:
    case op::requantize:
      return n.reads[k];
    default:
      return {};
  }
}

// The grid that n names for its k-th input: what it reads, or, for an add or average that runs in float behind int8
// producers, the grid in which these are to write.
template <class = void>
[[gnu::cold]] value_format named_grid(node const& n, std::size_t k) {
  return n.kind == op::add || n.kind == op::avg_pool || n.kind == op::own ? n.reads[k] : read_format(n, k);
}

// The grid named most often by the readers of node i; the first of these on a tie.
template <class = void>
[[gnu::cold]] value_format majority(graph const& g, index_t i) {
  std::vector<grid> named;
  for (node const& reader : g.nodes)
    for (std::size_t k = 0; k < reader.inputs.size(); ++k)
      if (reader.inputs[k] == i)
        if (value_format const f = named_grid(reader, k)) named.push_back(*f);
  value_format best;
  std::ptrdiff_t votes = 0;
  for (grid const& candidate : named)
    if (auto const n = std::count(named.begin(), named.end(), candidate); n > votes) best = candidate, votes = n;
  return best;
}

// A convolution whose one window is the whole map: a dense layer.
template <class = void>
[[gnu::cold]] bool covers_map(graph const& g, node const& n) {
  map_shape const& in = g[n.inputs[0]].out;
  return n.kernel_h == in.h && n.kernel_w == in.w && n.pad == 0 && n.dilation == 1 && n.groups == 1;
}

// Whether node i, which reader alone reads, writes whatever grid that names.
template <class = void>
[[gnu::cold]] bool writes_wish(graph const& g, index_t i, grid const& wish) {
  node const& n = g[i];
  bool const in_integers =
      std::all_of(n.reads.begin(), n.reads.end(), [](value_format const& f) { return f.has_value(); });
  bool const able = n.kind == op::conv2d ? n.is_int8()
                    : n.kind == op::own  ? n.own->joins_channels() && in_integers
                                         : (n.kind == op::add || n.kind == op::avg_pool) && in_integers;
  return able && (!n.out_grid || *n.out_grid == wish) && readers(g)[static_cast<std::size_t>(i)].size() == 1;
}

template <class = void>
[[gnu::cold]] void decide_output(graph& g, index_t i) {
  node& n = g[i];
  n.reads.resize(n.inputs.size());
  auto const stated =
      std::count_if(n.reads.begin(), n.reads.end(), [](value_format const& f) { return f.has_value(); });
  bool const all_stated = stated == static_cast<std::ptrdiff_t>(n.reads.size());
  value_format const wanted = n.out_grid ? n.out_grid : majority(g, i);
  switch (n.kind) {
    case op::conv2d:
      n.out_grid = n.is_int8() ? wanted : value_format{};
      if (n.is_int8() && !all_stated)
        throw_error<stage_error>({"deploy: ", describe(n),
                                  " has int8 weights: expected the grid of its input, found none; "
                                  "calibrate it"});
      if (n.is_int8() && !n.out_grid && !covers_map(g, n))
        throw_error<stage_error>(
            {"deploy: ", describe(n), " has int8 weights and writes a map of ", text(n.out),
             ": expected a reader that names its grid, found only float readers; quantize them too"});
      break;
    case op::add:
    case op::avg_pool:
      if (stated != 0 && !all_stated)
        throw_error<stage_error>({"deploy: ", describe(n), ": expected a grid on every input or on none, found ",
                                  stated, " of ", n.reads.size()});
      n.out_grid = stated != 0 ? wanted : value_format{};
      break;
    case op::relu:
    case op::max_pool:
      n.out_grid = n.reads[0] ? n.reads[0] : wanted;
      break;
    case op::own:
      n.out_grid = n.own->writes(n, wanted);
      if (n.out_grid && n.own->keeps_grid()) n.reads[0] = n.out_grid;
      for (std::size_t k = 0; n.out_grid && n.own->joins_channels() && k < n.inputs.size(); ++k)
        if (writes_wish(g, n.inputs[k], *n.out_grid)) n.reads[k] = n.out_grid;
      break;
    case op::input:
    case op::batch_norm:
    case op::dequantize:
      n.out_grid.reset();
      break;
    case op::quantize:
    case op::requantize:
      break;
  }
}

// An elementwise node on the value of n, which lies at `from`.
template <class = void>
[[gnu::cold]] node single_input(op kind, node const& n, index_t from, value_format reads, value_format writes) {
  node added;
  added.kind = kind;
  added.place = n.place;
  added.inputs = {from};
  added.reads = {reads};
  added.out = n.out;
  added.out_grid = writes;
  return added;
}

// The graph again, with conversions in front of the readers that need them. An int8 dense layer that writes float has
// no clamp: its fused ReLU becomes a node again.
template <class = void>
[[gnu::cold]] graph insert_conversions(graph const& g) {
  struct copy {
    index_t of;
    value_format as;
    index_t at;
  };
  graph out;
  std::vector<copy> copies;  // of a node of g, the one in its own format first
  auto const in_format = [&](index_t i, value_format const& wanted) {
    index_t first = -1;
    for (copy const& c : copies) {
      if (c.of == i && c.as == wanted) return c.at;
      if (c.of == i && first < 0) first = c.at;
    }
    value_format const& from = g[i].out_grid;
    op const kind = !from ? op::quantize : wanted ? op::requantize : op::dequantize;
    index_t const at = out.push(single_input(kind, g[i], first, from, wanted));
    copies.push_back({i, wanted, at});
    return at;
  };
  for (index_t i = 0; i < g.size(); ++i) {
    node n = g[i];
    for (std::size_t k = 0; k < n.inputs.size(); ++k) {
      n.reads[k] = read_format(g[i], k);
      n.inputs[k] = in_format(n.inputs[k], n.reads[k]);
    }
    value_format const as = n.out_grid;
    bool const split = n.kind == op::conv2d && n.is_int8() && !as && std::exchange(n.relu, n.relu && as);
    index_t at = out.push(std::move(n));
    if (split) at = out.push(single_input(op::relu, g[i], at, {}, {}));
    copies.push_back({i, as, at});
  }
  in_format(g.size() - 1, {});  // logits are float
  return out;
}

template <class = void>
[[gnu::cold]] void assign_formats(graph& g) {
  for (index_t i = g.size() - 1; i >= 0; --i) decide_output(g, i);
  g = insert_conversions(g);
}

}  // namespace petra::deploy
