#include "petra/deploy/plan.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/passes.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

// A random graph of convolutions, pools and adds of any two values of equal shape.
graph random_graph(bool int8, std::uint64_t seed) {
  sample::builder b({8, 8, 4}, int8, seed);
  petra::random r(petra::key(seed, 9));
  std::vector<index_t> values{b.conv(0, 4, {})};
  for (index_t i = 0; i < 8; ++i) {
    auto const pick = [&] { return values[static_cast<std::size_t>(r.index(static_cast<index_t>(values.size())))]; };
    index_t const x = pick();
    switch (r.index(4)) {
      case 0:
        values.push_back(b.conv(x, 4, {5, 5, 1, 2, 1}));
        break;
      case 1:
        values.push_back(b.relu(x));
        break;
      case 2:
        values.push_back(b.max_pool(x, {3, 3, 1, 1, 1}));
        break;
      default:
        values.push_back(b.add(x, pick()));
    }
  }
  index_t sum = values.back();
  for (index_t const v : values) sum = b.add(sum, v);
  b.dense(sum, 3);
  return std::move(b.g);
}

}  // namespace

TEST_CASE("plan: frames are the widest padding of the convolutions that read a value") {
  sample::builder b({8, 8, 3}, false, 1);
  auto const x = b.conv(0, 4, {});
  auto const p = b.conv(x, 4, {5, 5, 1, 2, 1}), q = b.conv(x, 4, {}), r = b.max_pool(x, {3, 3, 1, 1, 1});
  b.dense(b.add(b.add(p, q), r), 2);
  plan const p1 = plan_arena(run_passes(b.g));
  CHECK(p1.frames[0] == frame{1, 1});
  CHECK(p1.frames[static_cast<std::size_t>(x)] == frame{2, 2});
  CHECK(p1.frames[static_cast<std::size_t>(p)] == frame{});
  CHECK(p1.frames.back() == frame{});
}

TEST_CASE("plan: a series has no rows around it") {
  sample::builder b({1, 20, 3}, false, 1);
  auto const x = b.conv(0, 4, {.size_h = 1, .size_w = 4, .pad = {0, 0, 1, 2}});
  b.dense(b.conv(x, 4, {.size_h = 1, .size_w = 3, .pad = {0, 0, 2, 0}}), 2);
  graph const g = run_passes(b.g);
  plan const p = plan_arena(g);
  CHECK(p.frames[0] == frame{2, 0});
  CHECK(p.frames[1] == frame{2, 0});
  CHECK(map_of(g, p, 1).elements() == 24 * 4);
}

TEST_CASE("plan: a value quantized inside the graph keeps one frame on both sides") {
  sample::builder b({8, 8, 3}, true, 1);
  auto const x = b.conv(0, 4, {});
  b.g[x].weight_scale.clear();
  b.dense(b.conv(x, 4, {}), 2);
  graph const g = run_passes(b.g);
  REQUIRE(g[2].kind == op::quantize);
  plan const p = plan_arena(g);
  CHECK(p.frames[1] == frame{1, 1});
  CHECK(p.frames[2] == frame{1, 1});
}

TEST_CASE("plan: live values never overlap, offsets are aligned, slack follows") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (bool const int8 : {false, true}) {
      graph const g = run_passes(random_graph(int8, seed));
      plan const p = plan_arena(g);
      auto const by = readers(g);
      auto const bytes = [&](index_t i) {
        auto const [w, h] = p.frames[static_cast<std::size_t>(i)];
        return (g[i].out.h + 2 * h) * (g[i].out.w + 2 * w) * g[i].out.c * (g[i].out_grid ? 1 : 4);
      };
      auto const last = [&](index_t i) { return by[static_cast<std::size_t>(i)].back(); };
      auto const offset = [&](index_t i) { return p.offset[static_cast<std::size_t>(i)]; };
      index_t sum = 64;
      for (index_t i = 1; i + 1 < g.size(); ++i) {
        REQUIRE(offset(i) >= 0);
        CHECK(offset(i) % 64 == 0);
        CHECK(offset(i) + bytes(i) + 64 <= p.arena_bytes);
        sum += aligned(bytes(i));
        for (index_t j = 0; j < i; ++j)
          if (offset(j) >= 0 && last(j) >= i) {
            bool const apart = offset(i) + bytes(i) <= offset(j) || offset(j) + bytes(j) <= offset(i);
            CHECK(apart);
          }
      }
      CHECK(p.offset.back() == not_in_arena);
      CHECK(p.arena_bytes <= sum + (offset(0) >= 0 ? aligned(bytes(0)) : 0));
    }
}

TEST_CASE("plan: the input lies in the arena only where a float kernel reads it") {
  CHECK(plan_arena(run_passes(sample::resnet8(true))).offset[0] == not_in_arena);
  CHECK(plan_arena(run_passes(sample::resnet8(false))).offset[0] >= 0);
}

TEST_CASE("plan: ResNet-8 int8 holds three maps at its peak") {
  // The block at 32x32x16: shortcut, first and second convolution, one frame of a pixel where a 3x3 reads.
  index_t const framed = aligned(34 * 34 * 16), plain = aligned(32 * 32 * 16);
  CHECK(plan_arena(run_passes(sample::resnet8(true))).arena_bytes <= 2 * framed + plain + 64);
}
