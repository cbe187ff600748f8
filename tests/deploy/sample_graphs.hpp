// Small graphs made by hand, random weights from fixed seeds: what `lower` would give, without a model.
#pragma once
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/deploy/check_graph.hpp"
#include "petra/deploy/graph.hpp"
#include "petra/deploy/run_series.hpp"

namespace sample {

using petra::index_t;
using petra::deploy::graph;
using petra::deploy::grid;
using petra::deploy::map_shape;
using petra::deploy::node;
using petra::deploy::op;

// Adds nodes; `int8` decides whether convolutions, adds and averages get grids. Scales are such that activations of
// unit variance fill the grid without much clipping.
class builder {
 public:
  builder(map_shape input, bool int8, std::uint64_t seed) : int8_(int8), random_(petra::key(seed, 77)) {
    node n;
    n.out = input;
    g.push(std::move(n));
  }

  struct window {
    index_t size_h = 3, size_w = 3, stride = 1;
    petra::kernel::conv_pad pad = 1;
    index_t groups = 1, dilation = 1;
  };

  index_t conv(index_t from, index_t outputs, window const& w, bool bias = true) {
    node n = windowed(op::conv2d, from, w);
    index_t const taps = w.size_h * w.size_w * g[from].out.c / w.groups;
    n.groups = w.groups;
    n.out.c = outputs;
    n.weight = petra::tensor<float>({outputs, taps});
    float const spread = std::sqrt(2.f / static_cast<float>(taps));
    for (float& v : n.weight) v = spread * random_.normal();
    if (bias) {
      n.bias = petra::tensor<float>({1, outputs});
      for (float& v : n.bias) v = 0.1f * random_.normal();
    }
    if (int8_) {
      for (index_t o = 0; o < outputs; ++o) {
        float most = 1e-6f;
        for (index_t k = 0; k < taps; ++k) most = std::max(most, std::fabs(n.weight[o * taps + k]));
        n.weight_scale.push_back(most / 127);
      }
      n.reads = {grid_of(from)};
    }
    return g.push(std::move(n));
  }
  index_t dense(index_t from, index_t outputs) {
    map_shape const in = g[from].out;
    return conv(from, outputs, {in.h, in.w, 1, 0, 1});
  }
  index_t relu(index_t from) { return unary(op::relu, from); }
  index_t batch_norm(index_t from) {
    index_t const i = unary(op::batch_norm, from), c = g[from].out.c;
    g[i].weight = petra::tensor<float>({1, c});
    g[i].bias = petra::tensor<float>({1, c});
    for (float& v : g[i].weight) v = random_.uniform(0.5f, 1.5f);
    for (float& v : g[i].bias) v = 0.2f * random_.normal();
    return i;
  }
  index_t add(index_t a, index_t b) {
    index_t const i = unary(op::add, a);
    g[i].inputs = {a, b};
    if (int8_) g[i].reads = {grid_of(a), grid_of(b)};
    return i;
  }
  index_t max_pool(index_t from, window const& w) { return g.push(windowed(op::max_pool, from, w)); }
  index_t avg_pool(index_t from, window const& w) {
    node n = windowed(op::avg_pool, from, w);
    if (int8_) n.reads = {grid_of(from)};
    return g.push(std::move(n));
  }
  index_t global_avg_pool(index_t from) {
    map_shape const in = g[from].out;
    return avg_pool(from, {in.h, in.w, 1, 0, 1});
  }

  // One grid for every reader of a value, as calibration would give.
  grid grid_of(index_t value) {
    bool const positive = g[value].kind == op::relu || g[value].relu;
    petra::random r(petra::key(5, value));
    return {r.uniform(0.02f, 0.04f), positive ? -128 : static_cast<int>(r.index(21)) - 10};
  }

  graph g;

 private:
  node windowed(op kind, index_t from, window const& w) {
    node n;
    n.kind = kind;
    n.inputs = {from};
    n.place = std::to_string(g.size());
    n.kernel_h = w.size_h;
    n.kernel_w = w.size_w;
    n.stride = w.stride;
    n.pad = w.pad;
    map_shape const in = g[from].out;
    n.dilation = w.dilation;
    if (n.dilation > 1) n.call = &petra::deploy::run_series<>;
    n.out = petra::deploy::output_of(n, in);
    n.out.c = in.c;
    return n;
  }
  index_t unary(op kind, index_t from) {
    node n;
    n.kind = kind;
    n.inputs = {from};
    n.place = std::to_string(g.size());
    n.out = g[from].out;
    return g.push(std::move(n));
  }

  bool int8_;
  petra::random random_;
};

// ResNet-8 of MLPerf Tiny: stem, three blocks (16, 32 stride 2, 64 stride 2), global average, dense.
inline graph resnet8(bool int8, map_shape input = {32, 32, 3}, index_t width = 16, std::uint64_t seed = 1) {
  builder b(input, int8, seed);
  auto const conv_relu = [&](index_t x, index_t o, index_t stride) {
    return b.relu(b.conv(x, o, {3, 3, stride, 1, 1}));
  };
  index_t x = conv_relu(0, width, 1);
  for (index_t block = 0; block < 3; ++block) {
    index_t const o = width << block, stride = block == 0 ? 1 : 2;
    index_t const y = b.conv(conv_relu(x, o, stride), o, {});
    index_t const z = block == 0 ? x : b.conv(x, o, {1, 1, stride, 0, 1});
    x = b.relu(b.add(y, z));
  }
  b.dense(b.global_avg_pool(x), 10);
  return std::move(b.g);
}

// Every operation once, odd sizes, a value with two kinds of readers, a low-rank pair, groups, a ReLU that cannot be
// fused.
inline graph zoo(bool int8, std::uint64_t seed = 2) {
  builder b({9, 7, 5}, int8, seed);
  index_t x = b.relu(b.conv(0, 12, {3, 3, 1, 1, 1}));
  x = b.conv(x, 12, {3, 3, 1, 1, 12});                                                  // depthwise
  x = b.relu(b.conv(x, 20, {1, 1, 1, 0, 4}, false));                                    // groups
  index_t const y = b.conv(b.conv(x, 6, {5, 3, 1, 1, 1}, false), 20, {1, 1, 1, 0, 1});  // low rank
  index_t const pooled = b.max_pool(x, {3, 1, 1, 0, 1});
  x = b.add(y, pooled);
  index_t const positive = b.relu(x);  // x is also read without it
  x = b.add(positive, x);
  x = b.avg_pool(x, {2, 2, 2, 1, 1});
  x = b.max_pool(b.relu(b.conv(x, 17, {2, 2, 1, 1, 1})), {2, 2, 2, 0, 1});
  x = b.relu(b.dense(x, 33));
  b.dense(x, 7);
  return std::move(b.g);
}

// Products on rows: a 1x1 convolution, two dense layers. In int8 the weights lie in [-levels, levels] on their grid.
inline graph products(bool int8, int levels = 127, std::uint64_t seed = 3) {
  builder b({5, 3, 24}, int8, seed);
  b.dense(b.relu(b.dense(b.relu(b.conv(0, 40, {1, 1, 1, 0, 1})), 33)), 7);
  for (node& n : b.g.nodes)
    for (float& scale : n.weight_scale) scale *= 127.f / static_cast<float>(levels);
  return std::move(b.g);
}

// A product in two factors, (h,w,c) -> rank -> outputs, behind a window of `size`, and a dense layer that reads it.
struct factor_extents {
  map_shape in = {5, 3, 48};
  index_t rank = 6, outputs = 40, size = 1;
  bool whole_map = false;  // the first factor's window is the map
};
inline graph factors(bool int8, factor_extents const& e = {}, std::uint64_t seed = 4) {
  builder b(e.in, int8, seed);
  builder::window const first =
      e.whole_map ? builder::window{e.in.h, e.in.w, 1, 0, 1} : builder::window{e.size, e.size, 1, e.size / 2, 1};
  b.dense(b.relu(b.conv(b.conv(0, e.rank, first, false), e.outputs, {1, 1, 1, 0, 1})), 7);
  return std::move(b.g);
}

// int4 weights in groups of so many inputs, for every layer whose inputs they divide, at most 256 of them.
inline graph int4_groups(graph g, index_t group) {
  for (node& n : g.nodes) {
    index_t const inputs = n.kind == op::conv2d ? n.weight.size() / n.out.c : 0;
    if (inputs == 0 || inputs % group != 0 || inputs / group > 256) continue;
    n.weight_bits = 4;
    n.group = group;
    for (index_t o = 0; o < n.out.c; ++o) {
      auto const most = [&](index_t first, index_t count) {
        float m = 1e-6f;
        for (index_t k = first; k < first + count; ++k) m = std::max(m, std::fabs(n.weight[o * inputs + k]));
        return m;
      };
      float const unit = n.weight_scale[static_cast<std::size_t>(o)] = most(0, inputs) / 7 / 127;
      for (index_t first = 0; first < inputs; first += group)
        n.group_scale.push_back(static_cast<std::int8_t>(std::ceil(most(first, group) / 7 / unit * 0.999f)));
    }
  }
  return g;
}

// Zeroes all but every n-th block of 16 outputs x 4 inputs of the weights of every convolution.
inline void keep_blocks(graph& g, index_t n) {
  for (node& layer : g.nodes) {
    if (layer.kind != op::conv2d) continue;
    index_t const inputs = layer.weight.size() / layer.out.c, across = (inputs + 3) / 4;
    for (index_t o = 0; o < layer.out.c; ++o)
      for (index_t i = 0; i < inputs; ++i)
        if ((o / 16 * across + i / 4) % n != 0) layer.weight[o * inputs + i] = 0;
  }
}

inline std::vector<float> random_input(index_t count, std::uint64_t seed) {
  petra::random r(petra::key(seed, 4));
  std::vector<float> x(static_cast<std::size_t>(count));
  for (float& v : x) v = r.normal();
  return x;
}

}  // namespace sample
