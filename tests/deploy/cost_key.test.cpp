#include "petra/deploy/cost_key.hpp"

#include <doctest/doctest.h>

#include <set>

#include "petra/deploy/compile.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;

TEST_CASE("cost key: text, work, family") {
  cost_key const k{kernel_kind::conv2d_s8, {32, 32, 16}, {16, 16, 24}, 3, 3, 2, 1, 1};
  CHECK(k.text() == "conv2d_s8 32x32x16 3x3 s2 p1 g1 -> 16x16x24");
  CHECK(k.work() == 256. * 24 * 9 * 16);
  CHECK(k.with_channels(8, 40).text() == "conv2d_s8 32x32x8 3x3 s2 p1 g1 -> 16x16x40");
  CHECK(k.family() == k.with_channels(8, 40).family());
  cost_key other = k;
  other.stride = 1;
  CHECK_FALSE(other.family() == k.family());
  cost_key const add{kernel_kind::add_s8, {8, 8, 64}, {8, 8, 64}};
  CHECK(add.is_channelwise());
  CHECK(add.work() == 4096);
  CHECK(add.with_channels(16, 5).out.c == 16);
}

TEST_CASE("cost key: a product in two factors does the work of both") {
  cost_key k{kernel_kind::dense_low_rank_s8, {4, 1, 64}, {4, 1, 32}};
  k.kept = 8 * (64 + 32);
  CHECK(k.work() == 4. * 8 * 96);
  CHECK(k.text() == "dense_low_rank_s8 4x1x64 1x1 s1 p0 g1 -> 4x1x32 of 768 weights");
  CHECK(is_form(k.kind));
  cost_key other = k.with_channels(32, 64);
  CHECK(other.family() == k.family());
  for (bool const int8 : {false, true}) {
    program const p = compile(sample::factors(int8), {.wanted = form::low_rank});
    CHECK(key_of(p.steps()[1]).text() == (int8 ? "dense_low_rank_s8" : "dense_low_rank_f32") +
                                             std::string(" 15x1x48 1x1 s1 p0 g1 -> 15x1x40 of 528 weights"));
  }
}

TEST_CASE("cost key: int4 groups of nearly one length share their time") {
  cost_key k{kernel_kind::dense_s4_s8, {4, 1, 256}, {4, 1, 32}};
  double const work = k.work();
  k.groups = 32;
  CHECK(k.work() == work);
  for (auto const& [group, measured] : {std::pair(8, 8), std::pair(24, 8), std::pair(32, 32), std::pair(64, 32),
                                        std::pair(128, 128), std::pair(248, 128), std::pair(256, 1), std::pair(300, 1)})
    CHECK(measured_group(group, 256) == measured);
  program const p = compile(sample::int4_groups(sample::products(true), 8), {.wanted = form::int4});
  CHECK(key_of(p.steps()[1]).text() == "dense_s4_s8 15x1x24 1x1 s1 p0 g8 -> 15x1x40");
}

TEST_CASE("cost key: what no time depends on is not in it") {
  auto const one = keys_of(compile(sample::resnet8(true, {16, 16, 3}, 8, 1)));
  auto const two = keys_of(compile(sample::resnet8(true, {16, 16, 3}, 8, 2)));
  CHECK(one == two);
  CHECK(one.size() == 15);
  CHECK(one[0].text() == "quantize 16x16x3 1x1 s1 p0 g1 -> 16x16x3");
  CHECK(one[1].text() == "conv2d_s8 16x16x3 3x3 s1 p1 g1 -> 16x16x8");
  CHECK(one.back().text() == "dense_s8_f32 1x1x32 1x1 s1 p0 g1 -> 1x1x10");
}

TEST_CASE("cost key: every kernel of the samples has its own, extents included") {
  for (bool const int8 : {false, true}) {
    auto const keys = keys_of(compile(sample::zoo(int8)));
    std::set<cost_key> const different(keys.begin(), keys.end());
    CHECK(different.size() == keys.size() - (int8 ? 1 : 1));  // the two 1x1-window ReLU or add calls coincide
    for (cost_key const& k : keys) CHECK(k.work() > 0);
  }
}

TEST_CASE("cost key: a convolution that adds stands for a convolution and an addition") {
  graph const g = sample::resnet8(true, {8, 8, 3}, 8);
  program const fused = compile(g), apart = compile(g, {.forms = nullptr});
  CHECK(fused.steps().size() + 3 == apart.steps().size());
  CHECK(distinct(keys_of(fused)) == distinct(keys_of(apart)));
  CHECK(keys_of(fused).size() == keys_of(apart).size());
}

TEST_CASE("cost key: distinct keys are sorted, each once") {
  cost_key const small{kernel_kind::add_s8, {8, 8, 4}, {8, 8, 4}}, large{kernel_kind::add_s8, {8, 8, 8}, {8, 8, 8}};
  CHECK(distinct({large, small, large}) == std::vector<cost_key>{small, large});
  CHECK(distinct({}).empty());
}
