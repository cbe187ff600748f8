#include "petra/deploy/reference.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "sample_graphs.hpp"

using namespace petra::deploy;

TEST_CASE("reference: float by hand") {
  sample::builder b({2, 2, 1}, false, 1);
  auto const x = b.conv(0, 1, {});
  b.g[x].weight = petra::tensor<float>({1, 9}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  b.g[x].bias = petra::tensor<float>({1, 1}, {0.5f});
  float const in[] = {1, 10, 100, 1000};
  CHECK(run_reference(run_passes(b.g), in) == std::vector<float>{5 + 60 + 800 + 9000 + .5f, 4 + 50 + 700 + 8000 + .5f,
                                                                 2 + 30 + 500 + 6000 + .5f, 1 + 20 + 400 + 5000 + .5f});
}

TEST_CASE("reference: int8 by hand") {
  sample::builder b({1, 1, 2}, true, 1);
  b.dense(0, 1);
  b.g[1].weight = petra::tensor<float>({1, 2}, {0.5f, -1.f});
  b.g[1].bias = petra::tensor<float>({1, 1}, {0.25f});
  b.g[1].weight_scale = {0.25f};
  b.g[1].reads = {grid{0.5f, 10}};
  float const in[] = {3.1f, 1.3f};  // 6 and 3 steps
  CHECK(run_reference(run_passes(b.g), in) == std::vector<float>{0.125f * (6 * 2 + 3 * -4 + 2)});
}

TEST_CASE("reference: pools, adds and ReLU in float and on a fine grid agree") {
  auto const make = [](bool int8) {
    sample::builder b({6, 6, 2}, int8, 1);
    auto const x = b.max_pool(0, {3, 3, 1, 1, 1}), y = b.avg_pool(x, {3, 3, 1, 1, 1});
    b.relu(b.add(x, y));
    if (int8) {  // [-2, 2], the sum [0, 4]
      b.g[2].reads = {grid{4.f / 255, 0}};
      b.g[3].reads = {grid{4.f / 255, 0}, grid{4.f / 255, 0}};
      b.g[4].out_grid = grid{4.f / 255, -128};
    }
    return b.g;
  };
  auto x = sample::random_input(72, 1);
  for (float& v : x) v *= 0.4f;
  graph const q = run_passes(make(true));
  CHECK(q.nodes.back().kind == op::dequantize);
  auto const expected = run_reference(run_passes(make(false)), x.data()), found = run_reference(q, x.data());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(std::fabs(found[i] - expected[i]) < 2.5f * 4 / 255);
}

TEST_CASE("reference: an int8 ResNet follows its float twin") {
  graph const f = run_passes(sample::resnet8(false, {12, 12, 3}, 8)),
              q = run_passes(sample::resnet8(true, {12, 12, 3}, 8));
  double dot = 0, ff = 0, qq = 0;
  for (std::uint64_t s = 0; s < 8; ++s) {
    auto x = sample::random_input(432, s);
    for (float& v : x) v *= 0.4f;  // inside the grids
    auto const a = run_reference(f, x.data()), b = run_reference(q, x.data());
    for (std::size_t i = 0; i < a.size(); ++i) {
      auto const u = static_cast<double>(a[i]), v = static_cast<double>(b[i]);
      dot += u * v, ff += u * u, qq += v * v;
    }
  }
  CHECK(dot / std::sqrt(ff * qq) > 0.95);
}
