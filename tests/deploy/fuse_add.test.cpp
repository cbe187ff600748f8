#include "petra/deploy/fuse_add.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/compile.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/deploy/reference.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

index_t count(graph const& g, op kind) {
  index_t n = 0;
  for (node const& v : g.nodes) n += v.kind == kind;
  return n;
}
index_t count(program const& p, kernel_kind kind) {
  index_t n = 0;
  for (step const& s : p.steps()) n += s.kind == kind;
  return n;
}

std::vector<float> logits(program const& p, std::vector<float> const& x) {
  std::vector<float> y(static_cast<std::size_t>(p.output_size()));
  session(p).run(x.data(), y.data());
  return y;
}

// A chain of additions, each of a convolution and what came before; the last value is also read by a pool.
graph chain(index_t adds) {
  sample::builder b({6, 5, 4}, true, 3);
  index_t x = b.relu(b.conv(0, 12, {}));
  for (index_t i = 0; i < adds; ++i) x = b.relu(b.add(b.conv(b.relu(b.conv(x, 12, {})), 12, {}), x));
  b.dense(b.conv(b.max_pool(x, {2, 2, 2, 0, 1}), 12, {}), 5);
  return std::move(b.g);
}

}  // namespace

TEST_CASE("fuse add: into the later convolution, with its grids, and the reference computes the same") {
  graph const plain = run_passes(sample::resnet8(true, {12, 12, 3}, 8));
  graph fused = plain;
  fuse_add(fused);
  CHECK(count(plain, op::add) == 3);
  CHECK(count(fused, op::add) == 0);
  index_t adds = 0;
  for (index_t i = 0; i < fused.size(); ++i) {
    node const& n = fused[i];
    if (!n.adds()) continue;
    ++adds;
    REQUIRE(n.inputs.size() == 2);
    REQUIRE(n.reads.size() == 2);
    CHECK(n.relu);
    CHECK_FALSE(n.own_relu);
    CHECK(n.out_grid != n.own_grid);
    CHECK(n.inputs[1] < i);
  }
  CHECK(adds == 3);
  check(fused);
  auto const x = sample::random_input(fused[0].out.count(), 1);
  CHECK(run_reference(plain, x.data()) == run_reference(fused, x.data()));
  graph twice = fused;
  fuse_add(twice);
  CHECK(twice.size() == fused.size());
}

TEST_CASE("fuse add: programs give the same bits with and without") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    for (graph const& g : {sample::resnet8(true, {16, 12, 3}, 16, seed), sample::resnet8(true, {9, 11, 2}, 5, seed),
                           sample::zoo(true, seed), chain(static_cast<index_t>(seed))}) {
      program const fused = compile(g), apart = compile(g, {.forms = nullptr});
      CHECK(count(fused, kernel_kind::conv2d_add_s8) > 0);
      CHECK(count(apart, kernel_kind::conv2d_add_s8) == 0);
      CHECK(fused.arena_bytes() <= apart.arena_bytes());
      CHECK(fused.macs() == apart.macs());
      CHECK(fused.size_bytes() == apart.size_bytes());
      auto const x = sample::random_input(fused.input_size(), seed);
      CHECK(logits(fused, x) == logits(apart, x));
      CHECK(logits(fused, x) == run_reference(run_passes(g), x.data()));
    }
}

TEST_CASE("fuse add: writes over the addend where both have a frame and nobody reads it later") {
  graph g = run_passes(chain(3));
  fuse_add(g);
  plan const p = plan_arena(g);
  index_t adds = 0, over = 0;
  for (index_t i = 0; i < g.size(); ++i)
    if (g[i].adds()) {
      ++adds;
      over += p.offset[static_cast<std::size_t>(i)] == p.offset[static_cast<std::size_t>(g[i].inputs[1])];
    }
  CHECK(adds == 3);
  CHECK(over == 2);  // the last sum is read by a pool: no frame
}

TEST_CASE("fuse add: not into convolutions that somebody else reads, with groups, of one pixel, in float, of a form") {
  sample::builder b({6, 6, 4}, true, 1);
  auto const x = b.conv(0, 4, {});
  auto const shared = b.conv(x, 4, {});
  auto const first = b.add(shared, x), second = b.add(first, shared);    // shared is read twice
  auto const third = b.add(b.conv(second, 4, {3, 3, 1, 1, 2}), second);  // groups
  auto const pixel = b.conv(third, 4, {6, 6, 1, 0, 1});
  b.dense(b.add(b.conv(pixel, 4, {1, 1, 1, 0, 1}), pixel), 3);  // one pixel
  graph g = run_passes(b.g);
  fuse_add(g);
  CHECK(count(g, op::add) == 4);
  graph real = run_passes(sample::resnet8(false, {8, 8, 3}, 8));
  fuse_add(real);
  CHECK(count(real, op::add) == 3);
  graph formed = run_passes(sample::resnet8(true, {8, 8, 3}, 8));
  for (node& n : formed.nodes) n.form = form::int4;
  fuse_add(formed);
  CHECK(count(formed, op::add) == 3);
}
