#include "petra/deploy/graph_edit.hpp"

#include <doctest/doctest.h>

#include "sample_graphs.hpp"

using namespace petra::deploy;

namespace {

// 0 input, 1 relu(0), 2 relu(1) unread, 3 add(1, 0), 4 relu(3)
graph small() {
  sample::builder b({2, 2, 3}, false, 1);
  auto const a = b.relu(0);
  b.relu(a);
  b.relu(b.add(a, 0));
  return std::move(b.g);
}

}  // namespace

TEST_CASE("readers: every reader once per input, in order") {
  graph g = small();
  g[3].inputs = {1, 1};
  auto const by = readers(g);
  CHECK(by[0] == std::vector<petra::index_t>{1});
  CHECK(by[1] == std::vector<petra::index_t>{2, 3, 3});
  CHECK(by[2].empty());
  CHECK(by[4].empty());
}

TEST_CASE("drop_unread: what nobody reads goes, numbers follow") {
  graph g = small();
  drop_unread(g);
  REQUIRE(g.size() == 4);
  CHECK(g[2].kind == op::add);
  CHECK(g[2].inputs == std::vector<petra::index_t>{1, 0});
  CHECK(g[3].inputs == std::vector<petra::index_t>{2});
}

TEST_CASE("drop_unread: a chain that ends nowhere goes as a whole, input and last stay") {
  sample::builder b({2, 2, 3}, false, 1);
  b.relu(b.relu(0));
  b.relu(0);
  drop_unread(b.g);
  REQUIRE(b.g.size() == 2);
  CHECK(b.g[1].inputs == std::vector<petra::index_t>{0});
}

TEST_CASE("absorb: the producer moves to its reader's position") {
  graph g = small();
  g[3].place = "sum";
  absorb(g, 3, 4);
  REQUIRE(g.size() == 4);
  CHECK(g[3].kind == op::add);
  CHECK(g[3].place == "sum");
  CHECK(g[3].inputs == std::vector<petra::index_t>{1, 0});
}
