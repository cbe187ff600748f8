// Which channels of a model depend on each other, derived from its type alone: one group per set of channels that must be cut
// together (a residual unites the groups of its addends); groups that touch the input or the output are pinned.
//
// Every layer has `static constexpr int trace(channel_plan&, int group_in) -> int group_out`.
// Source: Fang et al., "DepGraph: Towards Any Structural Pruning", CVPR 2023 (the idea of groups; here the type is the graph).
#pragma once
#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::nn {

struct channel_plan {
  static constexpr int capacity = 256;  // weights + norms of one model; ResNet-110 has 220
  struct site {
    int in = 0, out = 0;
    bool depthwise = false;
    int rows = 1;  // of the weight for each channel of `out`, gate by gate and direction by direction
  };
  site sites[capacity]{};  // weights, in order
  int norms[capacity]{};   // layers with per-channel state, in order
  int parent[2 * capacity]{};
  bool pin[2 * capacity]{};
  int repeats[2 *
              capacity]{};  // how often a tensor holds the channels of a group, all behind all: once for each direction
  int site_count = 0, norm_count = 0, group_count = 0;

  constexpr int fresh(int times = 1) {
    parent[group_count] = group_count;
    repeats[group_count] = times;
    return group_count++;
  }
  [[nodiscard]] constexpr int find(int g) const {
    while (parent[g] != g) g = parent[g];
    return g;
  }
  constexpr int unite(int a, int b) {
    a = find(a);
    b = find(b);
    parent[b] = a;
    pin[a] = pin[a] || pin[b] || repeats[a] != repeats[b];  // channels that are not each other's counterparts
    return a;
  }
  constexpr void pin_group(int g) { pin[find(g)] = true; }
  [[nodiscard]] constexpr bool pinned(int g) const { return pin[find(g)]; }
  constexpr int weight(int in, int out, bool depthwise = false, int gates = 1) {
    sites[site_count++] = {in, out, depthwise, gates * repeats[out]};
    return out;
  }
  constexpr int norm(int group) {
    norms[norm_count++] = group;
    return group;
  }
};

template <class Layer>
concept traceable = requires(channel_plan& p) {
  {Layer::trace(p, 0)};
};

// The plan of a whole model: its input and output are pinned.
template <class Model>
constexpr channel_plan make_channel_plan() {
  channel_plan p;
  int const in = p.fresh();
  p.pin_group(in);
  p.pin_group(Model::trace(p, in));
  return p;
}
template <class Model>
inline constexpr channel_plan channel_plan_of = make_channel_plan<Model>();

}  // namespace petra::nn
