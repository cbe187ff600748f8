#include "petra/deploy/stopwatch.hpp"

#include <doctest/doctest.h>

using namespace petra::deploy;
using petra::index_t;

TEST_CASE("quantile: nearest rank") {
  std::vector<double> sample{5, 1, 4, 2, 3};
  CHECK(quantile(sample, 0) == 1);
  CHECK(quantile(sample, 0.5) == 3);
  CHECK(quantile(sample, 0.99) == 5);
  CHECK(quantile(sample, 1) == 5);
  CHECK(median({7}) == 7);
  CHECK(median({9, 1, 100}) == 9);
}

TEST_CASE("calls_for: calls, warms up, and gives at least one") {
  index_t calls = 0;
  CHECK(calls_for(1, [&] { ++calls; }) >= 1);
  CHECK(calls >= 1);
  calls = 0;
  index_t const many = calls_for(1e6, [&] { ++calls; });
  CHECK(many > 1000);
  calls = 0;
  CHECK(time_calls(17, [&] { ++calls; }) >= 0);
  CHECK(calls == 17);
}

TEST_CASE("pinned: gives the thread back") {
#if defined(__linux__)
  cpu_set_t before, inside, after;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  {
    pinned const core;
    REQUIRE(sched_getaffinity(0, sizeof inside, &inside) == 0);
    CHECK(CPU_COUNT(&inside) == 1);
  }
  REQUIRE(sched_getaffinity(0, sizeof after, &after) == 0);
  CHECK(CPU_EQUAL(&before, &after));
#endif
}
