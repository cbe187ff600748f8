#include "petra/deploy/measure.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/compile.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;

TEST_CASE("latency: one entry per program, ordered quantiles") {
  program const small = compile(sample::resnet8(true, {8, 8, 3}, 8)),
                large = compile(sample::resnet8(true, {16, 16, 3}, 16));
  program const* const both[] = {&small, &large};
  auto const stats = measure_latency(both, {.seconds = 0.02, .rounds = 4});
  REQUIRE(stats.size() == 2);
  for (latency_stats const& s : stats) {
    CHECK(s.p50_ns > 0);
    CHECK(s.p99_ns >= s.p50_ns);
    CHECK(s.spread_ns >= 0);
    CHECK(s.count >= 12);
  }
  CHECK(stats[1].p50_ns > stats[0].p50_ns);  // 14 times the work
  CHECK(measure_latency(std::span<program const* const>{}, {.seconds = 0.01, .rounds = 1}).empty());
}

TEST_CASE("throughput: any number of threads, more threads than samples included") {
  program const p = compile(sample::resnet8(true, {8, 8, 3}, 8));
  for (petra::index_t const threads : {0, 1, 2, 3})
    for (petra::index_t const batch : {1, 5}) {
      auto const t = measure_throughput(p, {.batch = batch, .threads = threads, .seconds = 0.005, .repeats = 3});
      CHECK(t.per_s > 0);
      CHECK(t.spread_per_s >= 0);
    }
}

TEST_CASE("throughput: one entry per program, in turns") {
  program const small = compile(sample::resnet8(true, {8, 8, 3}, 8)),
                large = compile(sample::resnet8(true, {16, 16, 3}, 16));
  program const* const both[] = {&large, &small};
  auto const stats = measure_throughput(both, {.threads = 2, .seconds = 0.01, .repeats = 3});
  REQUIRE(stats.size() == 2);
  CHECK(stats[1].per_s > 2 * stats[0].per_s);  // a fourteenth of the work
  CHECK(measure_throughput(std::span<program const* const>{}, {.seconds = 0.01}).empty());
}

TEST_CASE("measure: settings out of range are refused") {
  program const p = compile(sample::resnet8(true, {8, 8, 3}, 8));
  CHECK_THROWS_AS((void)measure_latency(p, {.seconds = 0}), petra::setting_error);
  CHECK_THROWS_AS((void)measure_latency(p, {.seconds = 1, .rounds = 0}), petra::setting_error);
  CHECK_THROWS_AS((void)measure_throughput(p, {.batch = 0}), petra::setting_error);
  CHECK_THROWS_AS((void)measure_throughput(p, {.threads = -1}), petra::setting_error);
  CHECK_THROWS_AS((void)measure_throughput(p, {.repeats = 0}), petra::setting_error);
}
