// What the time of a kernel call depends on: the kernel (its name holds the format) and its extents.
//
// Left out because they change nothing that can be measured apart from noise: values, grids, ReLU, and frames (a map
// larger than one pixel is taken to have a frame of one; filling it is below 2 % of a 3x3 convolution). A convolution
// that adds another map stands for both calls: it runs their loops over 4 KB at a time and takes as long (measured: 0.998
// to 1.009 of it).
#pragma once
#include <algorithm>
#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/match.hpp"
#include "petra/core/order.hpp"
#include "petra/core/text.hpp"
#include "petra/deploy/check_graph.hpp"
#include "petra/deploy/program.hpp"
#include "petra/deploy/weight_facts.hpp"

namespace petra::inline PETRA_ABI::deploy {

inline bool is_int4(kernel_kind k) { return k == kernel_kind::dense_s4_s8 || k == kernel_kind::dense_s4_s8_f32; }

// Groups that are measured: of 8, 32 and 128 inputs; others take as long as the next smaller ones, which take longer.
// 1: one scale per output.
constexpr index_t measured_group(index_t group, index_t inputs) {
  return group >= inputs ? 1 : group < 32 ? 8 : group < 128 ? 32 : 128;
}

struct cost_key {
  kernel_kind kind{};
  map_shape in{}, out{};
  index_t kernel_h = 1, kernel_w = 1, stride = 1, pad = 0;
  index_t groups = 1;  // of a convolution's channels; of int4 weights, how many inputs share a scale, 1: all
  // Weights of a sparse product that are not left out, of a product in two factors those of both; work of an own kernel.
  index_t kept = 0;
  std::string own = {};  // of an own kernel: its name and extents (own_call::name)
  index_t dilation = 1;
  call_runner runner = {};  // of a kernel that `run` does not name; not compared

  // conv2d_s8 32x32x16 3x3 s1 p1 g1 -> 32x32x16; one of fewer weights ends in "of so many weights"
  [[nodiscard, gnu::cold]] std::string text() const {
    if (kind == kernel_kind::own) return own;
    return concat({name_of(kind), " ", deploy::text(in), " ", kernel_h, "x", kernel_w, " s", stride, " p", pad, " g",
                   groups, dilation > 1 ? " d" + std::to_string(dilation) : std::string(), " -> ", deploy::text(out),
                   kept > 0 ? " of " + std::to_string(kept) + " weights" : std::string()});
  }
  // Inputs and outputs have the same channels by nature: everything but full convolutions.
  [[nodiscard]] bool is_channelwise() const {
    using enum kernel_kind;
    switch (kind) {
      case conv2d_f32:
      case conv2d_s8:
      case conv2d_add_s8:
      case conv1d_f32:
      case conv1d_s8:
      case dense_f32:
      case dense_s8_f32:
      case winograd_f32:
      case conv2d_bf16:
      case dense_bf16:
      case dense_s4_s8:
      case dense_s4_s8_f32:
      case dense_block_sparse_f32:
      case dense_block_sparse_s8:
      case dense_block_sparse_s8_f32:
      case dense_2_4_s8:
      case dense_2_4_s8_f32:
      case dense_low_rank_f32:
      case dense_low_rank_s8:
        return false;
      default:
        return true;
    }
  }
  // Multiply-accumulates, or elements touched where there are none.
  [[nodiscard]] double work() const {
    if (kind == kernel_kind::own) return static_cast<double>(kept);
    if (kept > 0) return static_cast<double>(in.h * in.w) * static_cast<double>(kept);
    auto const taps = static_cast<double>(kernel_h * kernel_w);
    index_t const inputs = is_channelwise() ? 1 : is_int4(kind) ? in.c : in.c / groups;
    return taps * static_cast<double>(out.count()) * static_cast<double>(inputs);
  }
  // The same call with other channel counts.
  [[nodiscard]] cost_key with_channels(index_t inputs, index_t outputs) const {
    cost_key k = *this;
    k.in.c = inputs;
    k.out.c = is_channelwise() ? inputs : outputs;
    return k;
  }
  // Everything but the channels, and which of their weights are kept.
  [[nodiscard]] cost_key family() const {
    cost_key k = with_channels(0, 0);
    k.kept = 0;
    return k;
  }
  // Of an own kernel: its name alone.
  [[nodiscard]] std::string_view own_name() const { return std::string_view(own).substr(0, own.find_first_of(" {")); }

  friend auto operator<=>(cost_key const&, cost_key const&) = default;
};

// Kernels of other forms than dense (deploy/run_form.hpp).
inline bool is_form(kernel_kind k) {
  using enum kernel_kind;
  return k == winograd_f32 || k == dense_block_sparse_f32 || k == dense_low_rank_f32 || is_bf16(k) ||
         (k >= dense_s4_s8 && k <= dense_low_rank_s8) || k == conv2d_add_s8;
}
inline bool is_block_sparse(kernel_kind k) {
  using enum kernel_kind;
  return k == dense_block_sparse_f32 || k == dense_block_sparse_s8 || k == dense_block_sparse_s8_f32;
}

inline constexpr index_t max_own_work = index_t{1} << 40;

// Of a convolution that adds: the convolution.
inline cost_key key_of(step const& s) {
  auto const plain = []<class Map>(Map const& m) {
    if constexpr (requires { m.h; })
      return map_shape{m.h, m.w, m.c};
    else
      return map_shape{1, m.w, m.c};
  };
  cost_key k;
  k.kind = s.kind == kernel_kind::conv2d_add_s8 ? kernel_kind::conv2d_s8 : s.kind;
  s.shape.match([&](auto const& shape) {
    if constexpr (product_shape<decltype(shape)>)
      k.in = {shape.m, 1, shape.c}, k.out = {shape.m, 1, shape.o};
    else if constexpr (requires { shape.in; })
      k.in = plain(shape.in), k.out = plain(shape.out);
    else if constexpr (requires { shape.a; })
      k.in = k.out = plain(shape.out);
    else
      k.in = k.out = {shape.h, shape.w, shape.c};
    if constexpr (requires { shape.kernel_h; }) {
      k.kernel_h = shape.kernel_h;
      k.kernel_w = shape.kernel_w;
      k.stride = shape.stride;
      k.pad = shape.pad;
    }
    if constexpr (requires { shape.taps; }) {
      k.kernel_w = shape.taps;
      k.stride = shape.stride;
      k.pad = shape.pad;
    }
    if constexpr (requires { shape.dilation; }) k.dilation = shape.dilation;
    if constexpr (requires { shape.groups; }) k.groups = shape.groups;
    if constexpr (requires { shape.group; }) k.groups = measured_group(shape.group, shape.c);
    if constexpr (requires { shape.rank; }) k.kept = shape.rank * (shape.c + shape.o);
  });
  if (is_series(k.kind)) k.runner.call = s.call;
  if (s.own != nullptr) {
    k.own = s.own->name();
    k.kept = std::clamp<index_t>(s.own->work(), 1, max_own_work);
  }
  if (is_block_sparse(k.kind)) k.kept = match(s.constants[0], [](auto const& t) { return t.size(); });
  if (k.kind == kernel_kind::depthwise_f32 || k.kind == kernel_kind::depthwise_s8) k.groups = 1;  // the name says it
  return k;
}

// Of n as a dense layer. Pre: as for kind_of.
template <class = void>
[[nodiscard, gnu::cold]] cost_key dense_key(graph const& g, node const& n) {
  cost_key k;
  k.kind = kind_of(g, n, form::dense);
  k.in = g[n.inputs[0]].out, k.out = n.out;
  k.kernel_h = n.kernel_h, k.kernel_w = n.kernel_w, k.stride = n.stride, k.pad = n.pad.left, k.groups = n.groups;
  k.dilation = n.dilation, k.runner.call = n.call;
  if (k.kind == kernel_kind::depthwise_f32 || k.kind == kernel_kind::depthwise_s8) k.groups = 1;  // the name says it
  return k;
}

// Of node i in form f, before it is a step. Pre: as for kind_of; facts are those of node i.
template <class = void>
[[nodiscard, gnu::cold]] cost_key key_of(graph const& g, index_t i, form f, weight_facts const& facts) {
  cost_key k = dense_key(g, g[i]);
  k.kind = kind_of(g, i, f);
  if (f == form::int4 || f == form::block_sparse || f == form::two_of_four) {
    product_extents const p = product_of(g, i);
    k = {k.kind, {p.rows, 1, p.inputs}, {p.rows, 1, p.outputs}};
    if (f == form::block_sparse) k.kept = facts.kept;
    if (f == form::int4 && g[i].group > 0) k.groups = measured_group(g[i].group, p.inputs);
  }
  return k;
}

// Every key once, ascending.
template <class = void>
[[nodiscard, gnu::cold]] std::vector<cost_key> distinct(std::vector<cost_key> const& keys) {
  cost_key const* const key = keys.data();
  std::vector<cost_key> once;
  for (index_t const i : ascending(keys.size(), [=](index_t a, index_t b) { return key[a] < key[b]; }))
    if (once.empty() || once.back() != key[i]) once.push_back(key[i]);
  return once;
}

template <class = void>
[[gnu::cold]] std::vector<cost_key> keys_of(program const& p) {
  std::vector<cost_key> keys;
  for (step const& s : p.steps()) {
    keys.push_back(key_of(s));
    if (s.kind == kernel_kind::conv2d_add_s8) keys.push_back({kernel_kind::add_s8, keys.back().out, keys.back().out});
  }
  return keys;
}

}  // namespace petra::deploy
