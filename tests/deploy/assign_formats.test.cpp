#include "petra/deploy/assign_formats.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/fuse_relu.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

grid const g1{0.1f, 3}, g2{0.2f, -7};

std::string kinds(graph const& g) {
  std::string s;
  for (node const& n : g.nodes) s += std::string(s.empty() ? "" : " ") + name_of(n.kind);
  return s;
}

// What each node reads is what its producer writes.
void check_agreement(graph const& g) {
  for (node const& n : g.nodes) {
    REQUIRE(n.reads.size() == n.inputs.size());
    for (std::size_t k = 0; k < n.inputs.size(); ++k) CHECK(n.reads[k] == g[n.inputs[k]].out_grid);
  }
  CHECK_FALSE(g.nodes.back().out_grid.has_value());
}

doctest::String rejection(graph g) {
  try {
    assign_formats(g);
    return {};
  } catch (petra::stage_error const& e) {
    return {e.what()};
  }
}

}  // namespace

TEST_CASE("formats: a float graph stays as it is") {
  graph g = sample::resnet8(false);
  auto const before = kinds(g);
  assign_formats(g);
  CHECK(kinds(g) == before);
  check_agreement(g);
}

TEST_CASE("formats: an int8 chain quantizes its input once and leaves in float") {
  sample::builder b({4, 4, 3}, true, 1);
  b.dense(b.conv(b.conv(0, 4, {}), 5, {}), 2);
  b.g[1].reads = {g1};
  b.g[2].reads = {g2};
  b.g[3].reads = {g1};
  assign_formats(b.g);
  CHECK(kinds(b.g) == "input quantize conv2d conv2d conv2d");
  CHECK(b.g[1].out_grid == g1);
  CHECK(b.g[2].out_grid == g2);
  CHECK(b.g[3].out_grid == g1);
  check_agreement(b.g);
}

TEST_CASE("formats: ReLU and maximum hand their readers' grid on, through several of them") {
  sample::builder b({4, 4, 3}, true, 1);
  auto const x = b.conv(0, 4, {});
  b.dense(b.max_pool(b.relu(b.relu(x)), {2, 2, 2, 0, 1}), 2);
  b.g.nodes.back().reads = {g2};
  assign_formats(b.g);
  CHECK(kinds(b.g) == "input quantize conv2d relu relu max_pool conv2d");
  for (index_t i = 2; i < 6; ++i) CHECK(b.g[i].out_grid == g2);
  check_agreement(b.g);
}

TEST_CASE("formats: readers that differ: the majority's grid, a requantize for the others, shared where they agree") {
  sample::builder b({4, 4, 3}, true, 1);
  auto const x = b.conv(0, 4, {});
  auto const p = b.conv(x, 4, {}), q = b.conv(x, 4, {}), r = b.conv(x, 4, {}), s = b.conv(x, 4, {}),
             t = b.conv(x, 4, {});
  b.g[p].reads = {g1};
  for (index_t const i : {q, r, t}) b.g[i].reads = {g2};
  b.g[s].reads = {g1};
  auto const left = b.add(p, q), right = b.add(r, s);
  b.dense(b.add(b.add(left, right), t), 2);
  assign_formats(b.g);
  check_agreement(b.g);
  CHECK(b.g[2].out_grid == g2);
  index_t requantized = 0;
  for (node const& n : b.g.nodes) requantized += n.kind == op::requantize && n.inputs[0] == 2;
  CHECK(requantized == 1);
}

TEST_CASE("formats: a tie goes to the reader that comes first") {
  sample::builder b({4, 4, 3}, true, 1);
  auto const x = b.conv(0, 4, {});
  auto const p = b.conv(x, 4, {}), q = b.conv(x, 4, {});
  b.g[p].reads = {g2};
  b.g[q].reads = {g1};
  b.dense(b.add(p, q), 2);
  assign_formats(b.g);
  CHECK(b.g[2].out_grid == g2);
}

TEST_CASE("formats: float readers of an int8 value get one dequantize, int8 readers of a float value one quantize") {
  sample::builder b({4, 4, 3}, true, 1);
  auto const x = b.conv(0, 4, {}), y = b.conv(x, 4, {}), z = b.conv(x, 4, {}), u = b.conv(x, 4, {});
  for (index_t const i : {z, u}) b.g[i].weight_scale.clear(), b.g[i].reads.clear();  // float
  auto const v = b.conv(z, 4, {}), w = b.conv(z, 4, {});
  auto const positive = b.relu(u), sum = b.add(v, w);
  b.dense(b.add(b.add(y, positive), sum), 2);
  assign_formats(b.g);
  check_agreement(b.g);
  CHECK(
      kinds(b.g) ==
      "input quantize conv2d conv2d dequantize conv2d conv2d quantize conv2d conv2d quantize relu add add add conv2d");
}

TEST_CASE("formats: the input read by both kinds") {
  sample::builder b({4, 4, 4}, true, 1);
  auto const x = b.conv(0, 4, {});
  b.g[b.add(x, 0)].reads.clear();
  b.g[x].out_grid = g1;  // its only reader is float: stated by hand
  assign_formats(b.g);
  CHECK(kinds(b.g) == "input quantize conv2d dequantize add");
  CHECK(b.g[2].out_grid == g1);
  CHECK(b.g[4].inputs == std::vector<index_t>{3, 0});
  check_agreement(b.g);
}

TEST_CASE("formats: an average that ends the graph reads dequantized values on the grid it names") {
  sample::builder b({4, 4, 3}, true, 1);
  b.global_avg_pool(b.conv(0, 4, {}));
  b.g[2].reads = {g2};
  assign_formats(b.g);
  CHECK(kinds(b.g) == "input quantize conv2d dequantize avg_pool");
  CHECK(b.g[2].out_grid == g2);
  check_agreement(b.g);
}

TEST_CASE("formats: an int8 dense layer with a fused ReLU that leaves in float gives the ReLU back") {
  sample::builder b({1, 1, 3}, true, 1);
  b.relu(b.dense(0, 4));
  fuse_relu(b.g);
  REQUIRE(b.g[1].relu);
  assign_formats(b.g);
  CHECK(kinds(b.g) == "input quantize conv2d relu");
  CHECK_FALSE(b.g[2].relu);
  check_agreement(b.g);
}

TEST_CASE("formats: a last map whose grid is stated leaves through a dequantize") {
  sample::builder b({4, 4, 3}, true, 1);
  b.conv(0, 2, {});
  b.g[1].out_grid = g1;
  assign_formats(b.g);
  CHECK(kinds(b.g) == "input quantize conv2d dequantize");
  check_agreement(b.g);
}

TEST_CASE("formats: idempotent") {
  for (bool const int8 : {false, true})
    for (graph g : {sample::resnet8(int8), sample::zoo(int8)}) {
      assign_formats(g);
      graph once = g;
      assign_formats(g);
      CHECK(kinds(g) == kinds(once));
      for (index_t i = 0; i < std::min(g.size(), once.size()); ++i) {
        CHECK(g[i].out_grid == once[i].out_grid);
        CHECK(g[i].inputs == once[i].inputs);
      }
      check_agreement(g);
    }
}

TEST_CASE("formats: nothing is widened silently") {
  using doctest::Contains;
  {
    sample::builder b({4, 4, 3}, true, 1);
    b.dense(b.conv(0, 4, {}), 2);
    b.g[1].reads.clear();
    CHECK(rejection(b.g) == Contains("conv2d at 1 has int8 weights: expected the grid of its input, found none"));
  }
  {
    sample::builder b({4, 4, 3}, true, 1);
    auto const x = b.conv(0, 4, {});
    b.g[b.dense(x, 2)].weight_scale.clear();
    CHECK(rejection(b.g) ==
          Contains("conv2d at 1 has int8 weights and writes a map of 4x4x4: expected a reader that names its "
                   "grid, found only float readers"));
  }
  {
    sample::builder b({4, 4, 3}, true, 1);
    auto const x = b.conv(0, 3, {});
    auto const y = b.add(x, 0);
    b.g[y].reads[1].reset();
    b.dense(y, 2);
    CHECK(rejection(b.g) == Contains("add at 2: expected a grid on every input or on none, found 1 of 2"));
  }
}
