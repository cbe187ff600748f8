// One layer or model in every form that petra can ship, without training: to time them and to see what they do to the
// output. Weights are cut, rounded and factored as they are; what training could win back is not tried.
//
// f32           float as it is                    low_rank      float, factors of a quarter of the rank, in one step
// bf16          the same in half the bytes        low_rank_s8   the same in int8
// int8          grids from the range of values    block_sparse  int8, the quarter of the 16 x 4 blocks with the
// int4          weights in [-7, 7], int8 inputs                 largest sums of squares
// two_of_four   int8, the two largest of four
//
// Layers with fewer than 16 inputs or outputs keep their weights, and so do convolutions in groups. Ranges are those of
// 16 normal inputs. Deterministic.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/deploy/reference.hpp"
#include "petra/linalg/svd.hpp"

namespace petra::inline PETRA_ABI::interop {

struct variant {
  std::string name;
  deploy::graph operations;
  deploy::lower_settings settings;
};

// 16 inputs of a graph, normal.
[[nodiscard]] inline std::vector<float> sample_inputs(deploy::graph const& g) {
  random r(key(hash("variants"), g[0].out.count()));
  std::vector<float> x(static_cast<std::size_t>(16 * g[0].out.count()));
  for (float& v : x) v = r.normal();
  return x;
}

[[nodiscard]] inline bool is_compressible(deploy::node const& n) {
  return n.kind == deploy::op::conv2d && n.groups == 1 && n.out.c >= 16 && n.weight.size() / n.out.c >= 16;
}

// The affine grid of values in [lo, hi], 0 among them. Source: TensorFlow Lite int8 specification.
[[nodiscard]] inline deploy::grid grid_of_range(float lo, float hi) {
  lo = std::min(lo, 0.f), hi = std::max({hi, 0.f, lo + 1e-6f});
  float const scale = (hi - lo) / 255;
  return {scale, static_cast<int>(std::clamp(std::nearbyint(-128 - lo / scale), -128.f, 127.f))};
}

// In int8; weights of compressible layers in [-levels, levels]. Pre: g is float, has gone through run_passes.
[[nodiscard]] inline deploy::graph quantized(deploy::graph g, float levels = 127) {
  using deploy::node, deploy::op;
  std::vector<float> const x = sample_inputs(g);
  std::vector<std::pair<float, float>> range(g.nodes.size());
  deploy::reference_run run(g);
  for (index_t sample = 0; sample < 16; ++sample) {
    (void)run(x.data() + sample * g[0].out.count());
    for (index_t i = 0; i < g.size(); ++i)
      for (float const v : run.value_of(i)) {
        auto& [lo, hi] = range[static_cast<std::size_t>(i)];
        lo = std::min(lo, v), hi = std::max(hi, v);
      }
  }
  auto const grid_of = [&](index_t i) {
    auto const [lo, hi] = range[static_cast<std::size_t>(i)];
    return grid_of_range(lo, hi);
  };
  for (index_t i = 1; i < g.size(); ++i) {
    node& n = g[i];
    if (n.kind == op::add || n.kind == op::avg_pool || n.kind == op::conv2d) {
      n.reads.clear();
      for (index_t const from : n.inputs) n.reads.push_back(grid_of(from));
    }
    if (n.kind != op::conv2d) continue;
    index_t const inputs = n.weight.size() / n.out.c;
    float const most = is_compressible(n) ? levels : 127;
    for (index_t o = 0; o < n.out.c; ++o) {
      float largest = 1e-20f;
      for (index_t k = 0; k < inputs; ++k) largest = std::max(largest, std::fabs(n.weight[o * inputs + k]));
      n.weight_scale.push_back(largest / most);
    }
  }
  // A convolution that ends the graph and is no dense layer leaves int8: back to float.
  index_t const last = g.size() - 1;
  if (g[last].kind == op::conv2d && !deploy::covers_map(g, g[last])) {
    g[last].out_grid = grid_of(last);
    node back;
    back.kind = op::dequantize;
    back.place = g[last].place;
    back.inputs = {last};
    back.out = g[last].out;
    back.reads = {grid_of(last)};
    g.push(std::move(back));
  }
  return g;
}

// Only the two largest of every four weights of an output.
[[nodiscard]] inline deploy::graph two_of_four(deploy::graph g) {
  for (deploy::node& n : g.nodes) {
    if (!is_compressible(n)) continue;
    index_t const inputs = n.weight.size() / n.out.c;
    for (index_t o = 0; o < n.out.c; ++o)
      for (index_t first = 0; first < inputs; first += 4) {
        float* const w = n.weight.data() + o * inputs + first;
        index_t const count = std::min<index_t>(4, inputs - first);
        for (index_t drop = count; drop > 2; --drop) {
          index_t least = -1;
          for (index_t i = 0; i < count; ++i)
            if (w[i] != 0 && (least < 0 || std::fabs(w[i]) < std::fabs(w[least]))) least = i;
          if (least >= 0) w[least] = 0;
        }
      }
  }
  return g;
}

// Only that share of the blocks of 16 outputs x 4 inputs whose squares sum to most.
[[nodiscard]] inline deploy::graph block_sparse(deploy::graph g, double share = 0.25) {
  for (deploy::node& n : g.nodes) {
    if (!is_compressible(n)) continue;
    index_t const inputs = n.weight.size() / n.out.c, across = (inputs + 3) / 4, down = (n.out.c + 15) / 16;
    auto const each = [&](index_t block, auto f) {
      for (index_t o = block / across * 16; o < std::min(n.out.c, block / across * 16 + 16); ++o)
        for (index_t i = block % across * 4; i < std::min(inputs, block % across * 4 + 4); ++i)
          f(n.weight[o * inputs + i]);
    };
    std::vector<double> energy(static_cast<std::size_t>(across * down), 0.);
    for (index_t b = 0; b < across * down; ++b)
      each(b, [&](float w) { energy[static_cast<std::size_t>(b)] -= static_cast<double>(w) * static_cast<double>(w); });
    auto const order = ascending(energy);
    auto const kept = static_cast<std::size_t>(std::ceil(share * static_cast<double>(order.size())));
    for (std::size_t k = kept; k < order.size(); ++k) each(order[k], [](float& w) { w = 0; });
  }
  return g;
}

// Each weight as two factors of that share of its rank, where these are smaller than the weight.
[[nodiscard]] inline deploy::graph low_rank(deploy::graph const& g, double share = 0.25) {
  using deploy::node;
  deploy::graph out;
  std::vector<index_t> moved;
  for (node n : g.nodes) {
    for (index_t& from : n.inputs) from = moved[static_cast<std::size_t>(from)];
    index_t const outputs = n.out.c, inputs = outputs > 0 ? n.weight.size() / outputs : 0;
    auto const rank = std::max<index_t>(1, std::lround(share * static_cast<double>(std::min(inputs, outputs))));
    if (is_compressible(n) && rank * (inputs + outputs) < inputs * outputs) {
      auto const s = linalg::svd(n.weight.matrix());
      node first = n;
      first.out.c = rank;
      first.weight = tensor<float>({rank, inputs});
      first.bias = {};
      first.relu = false;
      tensor<float> second({outputs, rank});
      for (index_t r = 0; r < rank; ++r) {
        double const root = std::sqrt(s.s[r]);
        for (index_t k = 0; k < inputs; ++k) first.weight[r * inputs + k] = static_cast<float>(root * s.v(r, k));
        for (index_t o = 0; o < outputs; ++o) second[o * rank + r] = static_cast<float>(root * s.u(o, r));
      }
      n.weight = std::move(second);
      n.inputs = {out.push(std::move(first))};
      n.kernel_h = n.kernel_w = n.stride = 1;
      n.pad = 0;
    }
    moved.push_back(out.push(std::move(n)));
  }
  return out;
}

// All of them. Throws: shape_error, as lower does.
template <class Model>
[[nodiscard]] std::vector<variant> variants_of(Model const& model, petra::shape input) {
  using deploy::form;
  deploy::graph const f32 = deploy::run_passes(deploy::to_graph(model, input));
  return {{"f32", f32, {}},
          {"bf16", f32, {.wanted = form::bf16}},
          {"int8", quantized(f32), {}},
          {"int4", quantized(f32, 7), {.wanted = form::int4}},
          {"two_of_four", quantized(two_of_four(f32)), {.wanted = form::two_of_four}},
          {"block_sparse", quantized(block_sparse(f32)), {.wanted = form::block_sparse}},
          {"low_rank", low_rank(f32), {.wanted = form::low_rank}},
          {"low_rank_s8", quantized(low_rank(f32)), {.wanted = form::low_rank}}};
}

}  // namespace petra::interop
