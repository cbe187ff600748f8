#include "petra/deploy/passes.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/reference.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;

TEST_CASE("passes: batch norm and ReLU behind a convolution cost nothing") {
  sample::builder b({8, 8, 3}, false, 1);
  auto x = b.relu(b.batch_norm(b.conv(0, 4, {})));
  b.relu(x);  // nobody reads it
  auto const y = b.batch_norm(b.conv(x, 4, {}));
  b.dense(b.relu(b.add(y, x)), 3);
  graph const g = run_passes(b.g);
  REQUIRE(g.size() == 5);
  CHECK(g[1].relu);
  CHECK_FALSE(g[2].relu);
  CHECK(g[3].kind == op::add);
  CHECK(g[3].relu);
  CHECK(g[4].kind == op::conv2d);
}

TEST_CASE("passes: idempotent, and what they leave is the same function") {
  for (bool const int8 : {false, true})
    for (graph const& g : {sample::resnet8(int8, {12, 12, 3}, 4), sample::zoo(int8)}) {
      graph const once = run_passes(g), twice = run_passes(once);
      REQUIRE(once.size() == twice.size());
      auto const x = sample::random_input(g[0].out.count(), 1);
      CHECK(run_reference(once, x.data()) == run_reference(twice, x.data()));
    }
}

TEST_CASE("passes: a wrong graph is refused before anything else") {
  graph g = sample::resnet8(true);
  g[1].weight_scale.pop_back();
  CHECK_THROWS_AS((void)run_passes(g), petra::shape_error);
}
