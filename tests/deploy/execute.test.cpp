#include "petra/deploy/execute.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "petra/deploy/compile.hpp"
#include "petra/deploy/reference.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

void check_against_reference(graph const& g, std::uint64_t seed) {
  graph const finished = run_passes(g);
  program const p = compile(g);
  session s(p);
  for (std::uint64_t sample = 0; sample < 3; ++sample) {
    auto const x = sample::random_input(p.input_size(), petra::key(seed, sample));
    auto const expected = run_reference(finished, x.data());
    std::vector<float> logits(expected.size());
    s.run(x.data(), logits.data());
    float most = 1;
    for (float const v : expected) most = std::max(most, std::fabs(v));
    for (std::size_t i = 0; i < logits.size(); ++i) {
      if (p.is_bit_exact())
        CHECK(std::memcmp(&logits[i], &expected[i], sizeof(float)) == 0);
      else
        CHECK(std::fabs(logits[i] - expected[i]) <= 1e-4f * most);
    }
  }
}

}  // namespace

TEST_CASE("run: the same bits as the reference in int8, close in float") {
  for (bool const int8 : {false, true})
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(int8);
      CAPTURE(seed);
      check_against_reference(sample::resnet8(int8, {16, 16, 3}, 16, seed), seed);
      check_against_reference(sample::resnet8(int8, {9, 11, 1}, 5, seed), seed);
      check_against_reference(sample::zoo(int8, seed), seed);
    }
}

TEST_CASE("run: int8 and float parts in one graph") {
  sample::builder b({8, 8, 3}, true, 1);
  auto const x = b.conv(0, 6, {});
  b.g[x].weight_scale.clear();  // float
  auto const y = b.conv(x, 6, {}), z = b.conv(y, 6, {});
  b.g[z].weight_scale.clear();
  b.g[y].out_grid = grid{0.04f, 4};
  b.dense(b.relu(b.conv(z, 4, {5, 5, 1, 2, 1})), 3);
  b.g[1].relu = true;
  graph const finished = run_passes(b.g);
  program const p = compile(b.g);
  CHECK_FALSE(p.is_bit_exact());
  auto const in = sample::random_input(p.input_size(), 4);
  auto const expected = run_reference(finished, in.data());
  std::vector<float> logits(3);
  session(p).run(in.data(), logits.data());
  // A float sum may fall on the other side of a rounding: one step of the grid.
  for (std::size_t i = 0; i < 3; ++i) CHECK(std::fabs(logits[i] - expected[i]) < 0.1f);
}

TEST_CASE("run: writes nothing outside arena and logits, whatever the arena holds") {
  for (bool const int8 : {false, true})
    for (graph const& g : {sample::zoo(int8), sample::resnet8(int8, {16, 16, 3}, 12)}) {
      program const p = compile(g);
      auto const x = sample::random_input(p.input_size(), 1);
      auto const outputs = static_cast<std::size_t>(p.output_size());
      std::vector<float> first;
      for (int const fill : {0, 0x7f, 0xff}) {
        petra::tensor<std::byte> arena(petra::shape(p.arena_bytes() + 64, 1));
        std::memset(arena.data(), fill, static_cast<std::size_t>(arena.size()));
        std::vector<float> logits(outputs + 16, 42.f);
        run(p, x.data(), logits.data(), arena.data());
        for (std::size_t i = outputs; i < logits.size(); ++i) CHECK(logits[i] == 42.f);
        for (index_t i = p.arena_bytes() - 64; i < arena.size(); ++i) CHECK(arena[i] == std::byte(fill));
        logits.resize(outputs);
        if (first.empty()) first = logits;
        CHECK(std::memcmp(first.data(), logits.data(), outputs * sizeof(float)) == 0);
      }
    }
}

TEST_CASE("run: non-finite inputs do not harm an integer program") {
  program const p = compile(sample::resnet8(true, {8, 8, 3}, 8));
  std::vector<float> x(static_cast<std::size_t>(p.input_size()));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -1e30f;
  std::vector<float> logits(10);
  session(p).run(x.data(), logits.data());
  for (float const v : logits) CHECK(std::isfinite(v));
}

TEST_CASE("run_batch: one sample after another") {
  program const p = compile(sample::resnet8(true, {8, 8, 3}, 8));
  session s(p);
  auto const x = sample::random_input(3 * p.input_size(), 2);
  std::vector<float> all(30), one(10);
  run_batch(s, x.data(), 3, all.data());
  for (index_t i = 0; i < 3; ++i) {
    s.run(x.data() + i * p.input_size(), one.data());
    for (index_t k = 0; k < 10; ++k)
      CHECK(one[static_cast<std::size_t>(k)] == all[static_cast<std::size_t>(10 * i + k)]);
  }
}
