// A weight in two factors, as a graph holds it: a convolution to a narrow map, and a 1x1 convolution that alone reads it.
//
// W (O,K) = U (O,R) . V (R,K),   R (K + O) < K O
//
// Its twin is the one convolution with W. In float the two compute the same within rounding. In int8 W needs a grid of
// its own, as quantize::affine makes it: the products of the factors as they are on their grids are rounded once more, by
// at most half a step of eight bits, and the rounding of the map between the factors goes.
#pragma once
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "petra/deploy/form.hpp"
#include "petra/deploy/integer_weights.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Whether node i is the second factor of such a pair. read_by: readers(g). Pre: g has gone through run_passes.
template <class = void>
[[nodiscard, gnu::cold]] bool is_factor_pair(graph const& g, std::vector<std::vector<index_t>> const& read_by,
                                             index_t i) {
  node const& u = g[i];
  if (u.kind != op::conv2d || u.groups != 1 || u.kernel_h != 1 || u.kernel_w != 1 || u.stride != 1 || u.pad != 0)
    return false;
  node const& v = g[u.inputs[0]];
  if (v.kind != op::conv2d || v.groups != 1 || v.relu || !v.first.empty() || !u.first.empty()) return false;
  if (v.is_int8() != u.is_int8() || v.out_grid.has_value() != v.is_int8()) return false;
  if (u.is_int8() && !u.out_grid && !covers_map(g, v)) return false;  // the twin could not write float
  if (read_by[static_cast<std::size_t>(u.inputs[0])].size() != 1) return false;
  index_t const rank = v.out.c, inputs = v.weight.size() / rank;
  return rank * (inputs + u.out.c) < inputs * u.out.c;
}

// The twin without its weights: what its cost depends on.
template <class = void>
[[nodiscard, gnu::cold]] node twin_extents(node const& v, node const& u) {
  node n;
  n.kind = op::conv2d;
  n.place = u.place;
  n.inputs = v.inputs;
  n.reads = v.reads;
  n.kernel_h = v.kernel_h, n.kernel_w = v.kernel_w, n.stride = v.stride, n.pad = v.pad;
  n.dilation = v.dilation, n.call = v.call;
  n.out = u.out;
  n.out_grid = u.out_grid;
  n.relu = u.relu;
  if (u.is_int8()) n.weight_scale.assign(static_cast<std::size_t>(u.out.c), 1.f);
  return n;
}

// Weights of a convolution as it uses them: an integer on its grid, times the scale.
template <class = void>
[[nodiscard, gnu::cold]] tensor<float> weights_on_grid(node const& n) {
  if (!n.is_int8()) return n.weight;
  integer_weights const q = quantize_weights(n);
  index_t const inputs = n.weight.size() / n.out.c;
  tensor<float> w({n.out.c, inputs});
  for (index_t o = 0; o < n.out.c; ++o)
    for (index_t k = 0; k < inputs; ++k) {
      float const steps = static_cast<float>(q.weight[o * inputs + k] * group_scale_of(n, o * inputs + k));
      w[o * inputs + k] = steps * (q.scale[o] / n.reads[0]->scale);
    }
  return w;
}

// Eight bits: for each output the scale by which its largest weight is 127. An output without weights gets any.
template <class = void>
[[gnu::cold]] void set_weight_scales(node& n) {
  index_t const inputs = n.weight.size() / n.out.c;
  n.weight_scale.clear();
  for (index_t o = 0; o < n.out.c; ++o) {
    float most = 0;
    for (index_t k = 0; k < inputs; ++k) most = std::max(most, std::fabs(n.weight[o * inputs + k]));
    n.weight_scale.push_back(most > 0x1p-100f ? most / 127 : 1.f);
  }
}

// The twin: weights U . V, bias U . bias_v + bias_u. Sums in double.
template <class = void>
[[nodiscard, gnu::cold]] node multiplied_out(node const& v, node const& u) {
  node n = twin_extents(v, u);
  index_t const rank = v.out.c, inputs = v.weight.size() / rank, outputs = u.out.c;
  tensor<float> const a = weights_on_grid(u), b = weights_on_grid(v);
  n.weight = tensor<float>({outputs, inputs});
  n.bias = tensor<float>({1, outputs});
  std::vector<double> row(static_cast<std::size_t>(inputs));
  for (index_t o = 0; o < outputs; ++o) {
    double bias = u.bias.empty() ? 0. : static_cast<double>(u.bias[o]);
    std::fill(row.begin(), row.end(), 0.);
    for (index_t r = 0; r < rank; ++r) {
      auto const factor = static_cast<double>(a[o * rank + r]);
      if (!v.bias.empty()) bias += factor * static_cast<double>(v.bias[r]);
      for (index_t k = 0; k < inputs; ++k)
        row[static_cast<std::size_t>(k)] += factor * static_cast<double>(b[r * inputs + k]);
    }
    for (index_t k = 0; k < inputs; ++k)
      n.weight[o * inputs + k] = static_cast<float>(row[static_cast<std::size_t>(k)]);
    n.bias[o] = static_cast<float>(bias);
  }
  if (u.is_int8()) set_weight_scales(n);
  return n;
}

// g with two nodes again for each that does both factors.
template <class = void>
[[nodiscard, gnu::cold]] graph factors_apart(graph const& g) {
  graph out;
  std::vector<index_t> at;
  auto const push = [&](node n) {
    for (index_t& from : n.inputs) from = at[static_cast<std::size_t>(from)];
    return out.push(std::move(n));
  };
  for (node n : g.nodes) {
    if (n.first.empty()) {
      at.push_back(push(std::move(n)));
      continue;
    }
    n.first.front().inputs = n.inputs;  // its own may be numbers of another graph
    index_t const first = push(n.first.front());
    n.first.clear();
    n.form = form::dense;
    n.inputs = {first};
    at.push_back(out.push(std::move(n)));
  }
  return out;
}

// Extents of the fused kernels. Pre: u is the second factor of a product in two, v the first.
[[nodiscard]] inline rt::low_rank_f32_shape low_rank_f32(node const& v, node const& u) {
  return {u.out.h * u.out.w, v.weight.size() / v.out.c, v.out.c, u.out.c, u.relu};
}
[[nodiscard]] inline rt::low_rank_s8_shape low_rank_s8(node const& v, node const& u) {
  return {.m = u.out.h * u.out.w, .c = v.weight.size() / v.out.c, .rank = v.out.c, .o = u.out.c};
}
// Bytes that they need between the factors.
[[nodiscard]] inline index_t low_rank_scratch_bytes(node const& v, node const& u) {
  return u.is_int8() ? rt::low_rank_scratch(low_rank_s8(v, u))
                     : rt::low_rank_scratch(low_rank_f32(v, u)) * static_cast<index_t>(sizeof(float));
}

}  // namespace petra::deploy
