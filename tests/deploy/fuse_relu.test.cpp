#include "petra/deploy/fuse_relu.hpp"

#include <doctest/doctest.h>

#include "sample_graphs.hpp"

using namespace petra::deploy;

TEST_CASE("fuse: into every operation that can bound its output") {
  sample::builder b({8, 8, 3}, false, 1);
  auto x = b.relu(b.conv(0, 3, {}));
  x = b.relu(b.add(x, 0));
  x = b.relu(b.max_pool(x, {2, 2, 2, 0, 1}));
  x = b.relu(b.relu(b.avg_pool(x, {2, 2, 2, 0, 1})));
  fuse_relu(b.g);
  REQUIRE(b.g.size() == 5);
  CHECK(b.g[1].kind == op::conv2d);
  CHECK(b.g[2].kind == op::add);
  CHECK(b.g[2].inputs == std::vector<petra::index_t>{1, 0});
  CHECK(b.g[3].kind == op::max_pool);
  CHECK(b.g[4].kind == op::avg_pool);
  for (petra::index_t i = 1; i < 5; ++i) CHECK(b.g[i].relu);
}

TEST_CASE("fuse: not where the value is read without it, not behind the input") {
  sample::builder b({8, 8, 3}, false, 1);
  auto const x = b.conv(0, 3, {});
  b.add(b.relu(x), x);
  b.relu(0);
  fuse_relu(b.g);
  REQUIRE(b.g.size() == 5);
  CHECK_FALSE(b.g[1].relu);
  CHECK(b.g[2].kind == op::relu);
  CHECK(b.g[4].kind == op::relu);
}
