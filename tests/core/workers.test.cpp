#include "petra/core/workers.hpp"

#include <doctest/doctest.h>

#include <vector>

using petra::index_t;
using petra::pieces;
using petra::pieces_of;
using petra::workers;

static_assert(pieces{20, 8}.count() == 3 && pieces{20, 8}.first(2) == 16 && pieces{20, 8}.last(2) == 20);
static_assert(pieces{0, 8}.count() == 0 && pieces{1, 8}.last(0) == 1);

TEST_CASE("workers: alone, every piece is computed once and in order") {
  std::vector<index_t> seen;
  workers{}.for_each(5, [&](index_t i, int worker) {
    CHECK(worker == 0);
    seen.push_back(i);
  });
  CHECK(seen == std::vector<index_t>{0, 1, 2, 3, 4});
}

TEST_CASE("workers: a pool is handed the task and its pieces") {
  // Backwards, by two workers in turn.
  auto backwards = [](void const* pool, index_t n, void const* task, workers::piece_function f) {
    ++*static_cast<int*>(const_cast<void*>(pool));
    for (index_t i = n; i-- > 0;) f(task, i, static_cast<int>(i % 2));
  };
  int calls = 0;
  std::vector<int> by(4, -1);
  workers{2, &calls, backwards}.for_each(4, [&](index_t i, int worker) { by[static_cast<std::size_t>(i)] = worker; });
  CHECK(calls == 1);
  CHECK(by == std::vector<int>{0, 1, 0, 1});
}

TEST_CASE("workers: pieces are eights of samples, enough of them to be worth a hand-over") {
  CHECK(pieces_of(64, 1000, 1000).size == 8);
  CHECK(pieces_of(64, 1000, 20000).size == 16);
  CHECK(pieces_of(64, 1, 20000).size == 64);  // one piece
  CHECK(pieces_of(64, 0, 100).size == 64);    // nothing to do
  CHECK(pieces_of(5, 1000000, 100).size == 5);
  CHECK(pieces_of(0, 10, 100).count() == 0);
}
