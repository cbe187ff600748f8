// The few questions that the data model answers itself.
#include <doctest/doctest.h>

#include "petra/report/front.hpp"
#include "sample_report.hpp"

using namespace petra::report;

TEST_CASE("front: a measured latency stands before the cost table's") {
  candidate c{.latency_cost_ns = 100};
  CHECK(latency_ns(c) == 100);
  c.latency_p50_ns = 90;
  CHECK(latency_ns(c) == 90);
}

TEST_CASE("front: more than 15 % off the cost table, either way; exactly 15 % is not") {
  candidate c{.latency_cost_ns = 100};
  CHECK_FALSE(differs_from_table(c));  // not measured
  for (double const near : {85.0, 100.0, 115.0}) {
    c.latency_p50_ns = near;
    CHECK_FALSE(differs_from_table(c));
  }
  for (double const far : {84.9, 115.1, 300.0}) {
    c.latency_p50_ns = far;
    CHECK(differs_from_table(c));
  }
}

TEST_CASE("front: the chosen model is looked up on the front only") {
  front_report r = sample::report();
  REQUIRE(chosen_model(r) != nullptr);
  CHECK(chosen_model(r)->id == *r.chosen);
  r.chosen = r.baseline.id;  // evaluated, but not on the front
  CHECK(chosen_model(r) == nullptr);
  r.chosen.reset();
  CHECK(chosen_model(r) == nullptr);
}
