#include "petra/deploy/check_graph.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "sample_graphs.hpp"

using namespace petra::deploy;

namespace {

// The message with which g is refused; empty if it is not.
template <class Error = petra::shape_error>
doctest::String refusal(graph const& g) {
  try {
    check(g);
    return {};
  } catch (Error const& e) {
    return {e.what()};
  }
}

graph valid() {
  sample::builder b({6, 6, 4}, true, 1);
  auto const x = b.conv(0, 8, {});
  auto const y = b.batch_norm(x);
  b.dense(b.max_pool(b.add(y, b.relu(x)), {2, 2, 2, 0, 1}), 3);
  return std::move(b.g);
}

}  // namespace

TEST_CASE("check: the samples pass") {
  CHECK(refusal(valid()) == "");
  for (bool const int8 : {false, true}) {
    CHECK(refusal(sample::resnet8(int8)) == "");
    CHECK(refusal(sample::zoo(int8)) == "");
  }
}

TEST_CASE("check: every mistake is named with its place, what was expected and what was found") {
  auto const broken = [](auto&& mistake) {
    graph g = valid();
    mistake(g);
    return refusal(g);
  };
  using doctest::Contains;
  CHECK(broken([](graph& g) { g.nodes.resize(1); }) ==
        "deploy: expected an input and at least one operation, found 1 nodes");
  CHECK(broken([](graph& g) { g[0].kind = op::relu; }) == Contains("expected one input, the first node, found a relu"));
  CHECK(broken([](graph& g) { g[3].kind = op::input; }) == Contains("found a input"));
  CHECK(broken([](graph& g) { g[1].inputs = {}; }) == Contains("conv2d at 1 (node 1): expected 1 inputs, found 0"));
  CHECK(broken([](graph& g) { g[4].inputs = {2}; }) == Contains("add at 4 (node 4): expected 2 inputs, found 1"));
  CHECK(broken([](graph& g) { g[2].inputs = {3}; }) == Contains("expected inputs that come before it, found node 3"));
  CHECK(broken([](graph& g) { g[1].reads.resize(2); }) == Contains("expected 1 input grids, found 2"));
  CHECK(broken([](graph& g) { g[1].stride = 0; }) == Contains("kernel and stride >= 1"));
  CHECK(broken([](graph& g) { g[1].kernel_h = 9; }) ==
        Contains("expected a window inside the padded map 6x6x4, found 9x3"));
  CHECK(broken([](graph& g) { g[1].pad = 3; }) == Contains("expected pad smaller than the window, found 3"));
  CHECK(broken([](graph& g) { g[1].out.h = 5; }) == Contains("expected output 6x6x8, found 5x6x8"));
  CHECK(broken([](graph& g) { g[1].groups = 3; }) == Contains("groups that divide 4 and 8 channels, found 3"));
  CHECK(broken([](graph& g) {
          g[1].weight = petra::tensor<float>({8, 35});
        }) == Contains("expected 288 weights, found 280"));
  CHECK(broken([](graph& g) { g[1].bias = petra::tensor<float>({1, 7}); }) == Contains("expected 8 biases, found 7"));
  CHECK(broken([](graph& g) { g[1].weight_scale.pop_back(); }) == Contains("expected 8 weight scales, found 7"));
  CHECK(broken([](graph& g) { g[2].weight = petra::tensor<float>({1, 7}); }) == Contains("expected 8 scales, found 7"));
  CHECK(broken([](graph& g) { g[3].out.c = 9; }) == Contains("relu at 3"));
  CHECK(broken([](graph& g) { g[0].out.w = 0; }) == Contains("expected a map of at least 1x1x1, found 6x0x4"));
}

TEST_CASE("check: groups of int4 weights that the kernel does not take") {
  using doctest::Contains;
  auto const groups = [](petra::index_t group, auto&& change) {
    graph g = sample::int4_groups(sample::products(true), 8);
    g[1].group = group;  // 24 inputs, 40 outputs
    g[1].group_scale.assign(static_cast<std::size_t>(40 * 24 / std::max<petra::index_t>(group, 1)), 3);
    change(g[1]);
    return refusal(g);
  };
  auto const nothing = [](node&) {};
  CHECK(groups(8, nothing) == "");
  CHECK(groups(24, nothing) == "");
  CHECK(groups(16, nothing) == Contains("conv2d at 1: expected groups that divide 24 inputs, found 16"));
  CHECK(groups(-8, nothing) == Contains("expected groups that divide 24 inputs, found -8"));
  CHECK(groups(12, nothing) == Contains("expected groups of a multiple of 8 inputs, found 12"));
  CHECK(groups(8, [](node& n) { n.group_scale.pop_back(); }) == Contains("expected 120 scales of groups, found 119"));
  CHECK(groups(8, [](node& n) { n.group_scale[7] = 0; }) ==
        Contains("expected scales of groups from 1 to 127, found 0"));
  CHECK(groups(8, [](node& n) { n.weight_bits = 8; }) == Contains("expected no groups of weights but int4, found 8"));
  sample::builder wide({1, 1, 4096}, true, 1);
  wide.dense(0, 2);
  graph most = sample::int4_groups(wide.g, 16);
  CHECK(refusal(most) == "");
  most[1].group = 8;
  CHECK(refusal(most) == Contains("expected at most 256 groups of 4096 inputs, found 8"));
}

TEST_CASE("check: weights of a training that diverged") {
  graph g = valid();
  g[1].weight[5] = std::numeric_limits<float>::quiet_NaN();
  CHECK(refusal<petra::stage_error>(g) == doctest::Contains("conv2d at 1: expected finite weights, found nan"));
}
