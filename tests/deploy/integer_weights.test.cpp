#include "petra/deploy/integer_weights.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

// A dense layer of 2 inputs and as many outputs as scales.
node dense(std::initializer_list<float> weights, std::initializer_list<float> bias, std::vector<float> scales) {
  node n;
  auto const outputs = static_cast<index_t>(scales.size());
  n.kind = op::conv2d;
  n.place = "fc";
  n.out = {1, 1, outputs};
  n.weight = petra::tensor<float>({outputs, 2}, weights);
  n.bias = petra::tensor<float>({1, outputs}, bias);
  n.weight_scale = std::move(scales);
  n.reads = {grid{0.5f, 3}};
  return n;
}

}  // namespace

TEST_CASE("integers: by hand, ties to even, clamped to 127") {
  node n = dense({1.f, -0.75f, 100.f, -100.f}, {2.f, -3.f}, {0.25f, 0.5f});
  n.weight[1] = -0.625f;  // -2.5 steps
  auto const q = quantize_weights(n);
  CHECK(q.weight[0] == 4);
  CHECK(q.weight[1] == -2);
  CHECK(q.weight[2] == 127);
  CHECK(q.weight[3] == -127);
  CHECK(q.bias[0] == 16);   // 2 / (0.5 * 0.25)
  CHECK(q.bias[1] == -12);  // -3 / (0.5 * 0.5)
  CHECK(q.scale[0] == 0.125f);
  CHECK(q.multiplier.empty());
}

TEST_CASE("integers: multiplier and shift of in_scale * scale / out_scale") {
  node n = dense({1.f, 1.f}, {0.f}, {0.25f});
  n.out_grid = grid{2.f, 0};  // 0.0625 = 2^30 * 2^-34
  auto const q = quantize_weights(n);
  CHECK(q.multiplier[0] == 1 << 30);
  CHECK(q.shift[0] == -3);
}

TEST_CASE("integers: a bias too large for its grid coarsens the channel, not the others") {
  node n = dense({1e-9f, 0.f, 1.f, -1.f}, {5.f, 5.f}, {1e-11f, 0.01f});
  auto const q = quantize_weights(n);
  CHECK(static_cast<double>(q.bias[0]) * static_cast<double>(q.scale[0]) == doctest::Approx(5));
  CHECK(q.bias[0] <= 1 << 30);
  CHECK(q.weight[2] == 100);
  CHECK(q.bias[1] == 1000);
}

TEST_CASE("integers: an empty channel works, with a bias and without, whatever its scale") {
  for (float const scale : {0.f, 1e-44f, 1e-30f, 1.f}) {
    auto const q = quantize_weights(dense({0.f, 0.f, 0.f, 0.f}, {0.f, 3.f}, {scale, scale}));
    CHECK(q.weight[0] == 0);
    CHECK(q.bias[0] == 0);
    CHECK(static_cast<double>(q.bias[1]) * static_cast<double>(q.scale[1]) == doctest::Approx(3));
  }
}

TEST_CASE("integers: what 32 bits cannot hold is refused") {
  node coarse = dense({1.f, 1.f}, {0.f}, {0.25f});
  coarse.out_grid = grid{1e-7f, 0};
  CHECK_THROWS_WITH_AS((void)quantize_weights(coarse),
                       doctest::Contains("conv2d at fc: expected an output grid no finer than its sums"),
                       petra::stage_error);
  CHECK_THROWS_WITH_AS((void)quantize_weights(dense({1.f, 1.f}, {0.f}, {0.f})),
                       doctest::Contains("expected a weight scale above 0 for channel 0"), petra::stage_error);
  node wide = dense({1.f, 1.f}, {0.f}, {0.25f});
  wide.weight = petra::tensor<float>({1, 40000});
  CHECK_THROWS_WITH_AS((void)quantize_weights(wide), doctest::Contains("at most 32768 int8 weights per output"),
                       petra::stage_error);
}
