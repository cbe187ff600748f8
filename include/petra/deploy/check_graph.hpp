// Does a graph say what it must? Every later step relies on it, so it is asked once, before the first pass.
//
// Throws: shape_error naming the place: what was expected, what was found; stage_error for weights that are not finite.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>

#include "petra/deploy/own_op.hpp"
#include "petra/runtime/pack_s4.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class = void>
[[gnu::cold]] char const* name_of(op kind) {
  constexpr char const* name[] = {"input",    "conv2d",   "batch_norm", "relu",       "add", "max_pool",
                                  "avg_pool", "quantize", "dequantize", "requantize", "own"};
  return name[static_cast<int>(kind)];
}

// "conv2d at 2.body.0", for messages.
template <class = void>
[[gnu::cold]] std::string describe(node const& n) {
  return std::string(n.own != nullptr ? n.own->name() : name_of(n.kind)) +
         (n.place.empty() ? std::string() : " at " + n.place);
}

template <class = void>
[[gnu::cold]] std::string text(map_shape const& m) {
  return std::to_string(m.h) + "x" + std::to_string(m.w) + "x" + std::to_string(m.c);
}

// What a node with these extents makes of a map.
template <class = void>
[[gnu::cold]] map_shape output_of(node const& n, map_shape in) {
  if (n.kind != op::conv2d && n.kind != op::max_pool && n.kind != op::avg_pool) return in;
  return {(n.pad.top + in.h + n.pad.bottom - n.kernel_h) / n.stride + 1,
          (n.pad.left + in.w + n.pad.right - n.reach_w()) / n.stride + 1, n.kind == op::conv2d ? n.out.c : in.c};
}

// Groups of int4 weights that the kernel takes (runtime/pack_s4.hpp).
template <class = void>
[[gnu::cold]] void check_groups(node const& n) {
  auto const fail = [&](auto const&... expected) {
    throw_error<shape_error>({"deploy: ", describe(n), ": expected ", expected..., ", found ", n.group});
  };
  index_t const inputs = n.weight.size() / n.out.c;
  if (!n.is_int8() || n.weight_bits != 4) fail("no groups of weights but int4");
  if (n.group < 1 || inputs % n.group != 0) fail("groups that divide ", inputs, " inputs");
  if (n.group != inputs && n.group % 8 != 0) fail("groups of a multiple of 8 inputs");
  if (inputs / n.group > rt::max_s4_groups) fail("at most ", rt::max_s4_groups, " groups of ", inputs, " inputs");
  auto const scales = static_cast<index_t>(n.group_scale.size());
  if (scales != n.out.c * (inputs / n.group))
    throw_error<shape_error>(
        {"deploy: ", describe(n), ": expected ", n.out.c * (inputs / n.group), " scales of groups, found ", scales});
  for (std::int8_t const s : n.group_scale)
    if (s < 1)
      throw_error<shape_error>({"deploy: ", describe(n), ": expected scales of groups from 1 to 127, found ", int{s}});
}

template <class = void>
[[gnu::cold]] void check_node(graph const& g, index_t i) {
  node const& n = g[i];
  auto const fail = [&](std::string const& expected, std::string const& found) {
    throw_error<shape_error>({"deploy: ", describe(n), " (node ", i, "): expected ", expected, ", found ", found});
  };
  auto const count = [&](char const* what, index_t expected, index_t found) {
    if (expected != found) fail(std::to_string(expected) + " " + what, std::to_string(found));
  };
  if ((n.kind == op::input) != (i == 0)) fail("one input, the first node", std::string("a ") + name_of(n.kind));
  if (n.out.h < 1 || n.out.w < 1 || n.out.c < 1) fail("a map of at least 1x1x1", text(n.out));
  if ((n.kind == op::own) != (n.own != nullptr)) fail("an operation of its own where the kind says so", "the contrary");
  if (n.kind != op::own)
    count("inputs",
          n.kind == op::input             ? 0
          : n.kind == op::add || n.adds() ? 2
                                          : 1,
          static_cast<index_t>(n.inputs.size()));
  if (!n.reads.empty())
    count("input grids", static_cast<index_t>(n.inputs.size()), static_cast<index_t>(n.reads.size()));
  for (index_t const from : n.inputs)
    if (from < 0 || from >= i) fail("inputs that come before it", "node " + std::to_string(from));
  if (n.kind == op::input || n.kind == op::own) return;

  map_shape const in = g[n.inputs[0]].out;
  bool const windowed = n.kind == op::conv2d || n.kind == op::max_pool || n.kind == op::avg_pool;
  if (windowed) {
    kernel::conv_pad const& pad = n.pad;
    index_t const above = std::max(pad.top, pad.bottom), beside = std::max(pad.left, pad.right);
    if (n.kernel_h < 1 || n.kernel_w < 1 || n.stride < 1 || n.dilation < 1 ||
        std::min({pad.top, pad.bottom, pad.left, pad.right}) < 0)
      fail("kernel and stride >= 1, dilation >= 1, pad >= 0", "another window");
    if (n.dilation > 1 && (n.kind != op::conv2d || in.h != 1 || n.kernel_h != 1))
      fail("dilation only in a convolution along a series", "another operation");
    if (pad.top + in.h + pad.bottom < n.kernel_h || pad.left + in.w + pad.right < n.reach_w())
      fail("a window inside the padded map " + text(in),
           std::to_string(n.kernel_h) + "x" + std::to_string(n.reach_w()));
    if (above >= n.kernel_h || beside >= n.reach_w())
      fail("pad smaller than the window", std::to_string(std::max(above, beside)));
  }
  for (std::size_t k = 0; k < n.inputs.size(); ++k) {
    map_shape const& from = g[n.inputs[k]].out;
    map_shape const made = n.adds() && k == 1 ? from : output_of(n, from);
    if (made != n.out) fail("output " + text(made), text(n.out));
  }
  if (n.adds() && (n.kind != op::conv2d || n.groups != 1))
    fail("an addition only in a convolution of one group", "one");
  if (n.kind == op::conv2d) {
    if (n.groups < 1 || in.c % n.groups != 0 || n.out.c % n.groups != 0)
      fail("groups that divide " + std::to_string(in.c) + " and " + std::to_string(n.out.c) + " channels",
           std::to_string(n.groups));
    count("weights", n.out.c * n.kernel_h * n.kernel_w * (in.c / n.groups), n.weight.size());
    if (!n.bias.empty()) count("biases", n.out.c, n.bias.size());
    if (n.is_int8()) count("weight scales", n.out.c, static_cast<index_t>(n.weight_scale.size()));
    if (n.group != 0) check_groups(n);
  } else if (n.kind == op::batch_norm) {
    count("scales", n.out.c, n.weight.size());
    count("shifts", n.out.c, n.bias.size());
  }
  auto const finite = [&](auto const& values, char const* what) {
    for (float const v : values)
      if (!std::isfinite(v))
        throw stage_error("deploy: " + describe(n) + ": expected finite " + what + ", found " + std::to_string(v) +
                          "; did the training diverge?");
  };
  finite(n.weight, "weights");
  finite(n.bias, "biases");
  finite(n.weight_scale, "weight scales");
}

template <class = void>
[[gnu::cold]] void check(graph const& g) {
  if (g.size() < 2)
    throw_error<shape_error>({"deploy: expected an input and at least one operation, found ", g.size(), " nodes"});
  for (index_t i = 0; i < g.size(); ++i) check_node(g, i);
}

}  // namespace petra::deploy
