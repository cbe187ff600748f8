#include "petra/interop/variants.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "../deploy/sample_graphs.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/models/small_cnn.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra;
using namespace petra::deploy;

namespace {

std::vector<float> outputs(program const& p, std::vector<float> const& x) {
  session s(p);
  std::vector<float> y(static_cast<std::size_t>(16 * p.output_size()));
  run_batch(s, x.data(), 16, y.data());
  return y;
}

double relative_error(std::vector<float> const& y, std::vector<float> const& exact) {
  double off = 0, all = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    double const e = static_cast<double>(exact[i]), d = static_cast<double>(y[i]) - e;
    off += d * d, all += e * e;
  }
  return std::sqrt(off / all);
}

struct measured {
  double error;
  index_t bytes;
  std::map<kernel_kind, int> kernels;
};

template <class Model>
std::map<std::string, measured> measure(Model const& model, petra::shape input) {
  auto const variants = interop::variants_of(model, input);
  auto const x = interop::sample_inputs(variants.front().operations);
  auto const exact = outputs(compile(variants.front().operations), x);
  std::map<std::string, measured> all;
  for (auto const& v : variants) {
    program const p = compile(v.operations, v.settings);
    measured m{relative_error(outputs(p, x), exact), p.size_bytes(), {}};
    for (step const& s : p.steps()) ++m.kernels[s.kind];
    all[v.name] = m;
  }
  return all;
}

using enum kernel_kind;

}  // namespace

TEST_CASE("variants: a dense layer in every form, with bytes and error as expected") {
  auto const layer = nn::initialize(nn::sequential{nn::dense<96, 64>{}}, 1);
  auto const m = measure(layer, {1, 1, 96});
  REQUIRE(m.size() == 8);
  CHECK(m.at("f32").error == 0);
  CHECK(m.at("f32").bytes == 4 * (96 * 64 + 64));
  CHECK(m.at("bf16").error > 0);
  CHECK(m.at("bf16").error < 0.01);
  CHECK(m.at("bf16").bytes == 2 * 96 * 64 + 4 * 64);
  CHECK(m.at("bf16").kernels.at(dense_bf16) == 1);
  CHECK(m.at("int8").error < 0.02);
  CHECK(m.at("int8").kernels.at(dense_s8_f32) == 1);
  CHECK(m.at("int4").error < 0.2);
  CHECK(m.at("int4").error > m.at("int8").error);
  CHECK(m.at("int4").kernels.at(dense_s4_s8_f32) == 1);
  CHECK(m.at("int4").bytes < m.at("int8").bytes * 6 / 10);
  CHECK(m.at("two_of_four").kernels.at(dense_2_4_s8_f32) == 1);
  CHECK(m.at("two_of_four").error < 0.6);
  CHECK(m.at("block_sparse").kernels.at(dense_block_sparse_s8_f32) == 1);
  CHECK(m.at("block_sparse").bytes < m.at("int8").bytes / 2);
  CHECK(m.at("low_rank").kernels.at(dense_low_rank_f32) == 1);
  CHECK(m.at("low_rank").bytes < m.at("f32").bytes / 2);
  CHECK(m.at("low_rank").error < 1);
  CHECK(m.at("low_rank_s8").error < m.at("low_rank").error + 0.05);
}

TEST_CASE("variants: a whole model, small layers and groups left as they are") {
  auto const m = measure(models::small_cnn<3, 10>(1), {12, 12, 3});
  CHECK(m.at("f32").error == 0);
  CHECK(m.at("bf16").error < 0.02);
  CHECK(m.at("bf16").kernels.at(conv2d_bf16) > 0);
  CHECK(m.at("bf16").bytes < m.at("f32").bytes * 6 / 10);
  CHECK(m.at("int8").error < 0.05);
  CHECK(m.at("low_rank_s8").error < 1.5);
  for (auto const& [name, v] : m) {
    CAPTURE(name);
    CHECK(std::isfinite(v.error));
  }
}

TEST_CASE("variants: factors of int8 layers that stay in int8 are one step") {
  auto const m = measure(nn::initialize(nn::sequential{nn::dense<64, 48>{}, nn::dense<48, 32>{}}, 1), {1, 1, 64});
  CHECK(m.at("low_rank").kernels.at(dense_low_rank_f32) == 2);
  CHECK(m.at("low_rank_s8").kernels.at(dense_low_rank_s8) == 1);
  CHECK(m.at("low_rank_s8").kernels.at(dense_s8_f32) == 1);  // the last one leaves in float
}

TEST_CASE("variants: a graph that ends in a convolution comes back to float") {
  sample::builder b({6, 6, 16}, false, 1);
  b.conv(b.relu(b.conv(0, 16, {3, 3, 1, 1, 1})), 24, {3, 3, 1, 1, 1});
  graph const f32 = run_passes(b.g), int8 = interop::quantized(f32);
  auto const x = interop::sample_inputs(f32);
  CHECK(relative_error(outputs(compile(int8), x), outputs(compile(f32), x)) < 0.03);
}

TEST_CASE("variants: the grid of a range holds zero and both ends") {
  for (auto const& [lo, hi] :
       {std::pair(-1.f, 1.f), std::pair(0.f, 6.f), std::pair(2.f, 3.f), std::pair(-5.f, -4.f), std::pair(0.f, 0.f)}) {
    grid const g = interop::grid_of_range(lo, hi);
    CHECK(g.zero >= -128);
    CHECK(g.zero <= 127);
    CHECK(g.scale > 0);
    CHECK(g.scale * static_cast<float>(127 - g.zero) >= hi - g.scale);
    CHECK(g.scale * static_cast<float>(-128 - g.zero) <= lo + g.scale);
  }
}

TEST_CASE("variants: what is cut is what they say") {
  sample::builder b({1, 1, 50}, false, 1);
  b.dense(b.relu(b.dense(0, 40)), 8);
  graph const g = run_passes(b.g), half = interop::two_of_four(g), sparse = interop::block_sparse(g, 0.25);
  for (index_t o = 0; o < 40; ++o)
    for (index_t first = 0; first < 50; first += 4) {
      int kept = 0;
      for (index_t i = first; i < std::min<index_t>(50, first + 4); ++i) kept += half[1].weight[o * 50 + i] != 0;
      CHECK(kept == 2);
    }
  index_t const blocks = 3 * 13, kept = facts_of(sparse, 1).kept;
  CHECK(kept <= (blocks + 3) / 4 * 64);
  CHECK(kept > 0);
  CHECK(half[2].weight[3] == g[2].weight[3]);  // 8 outputs: too few
}
