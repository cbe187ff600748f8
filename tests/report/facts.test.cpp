// What is compared with what, and which direction is better.
#include <doctest/doctest.h>

#include <string>

#include "petra/report/facts.hpp"
#include "sample_report.hpp"

using namespace petra::report;

namespace {

front_report two_models() {
  front_report r{.metric = "accuracy", .higher_is_better = true};
  r.baseline = {.id = 0,
                .quality = 0.93,
                .latency_cost_ns = 200e3,
                .latency_p50_ns = 250e3,
                .throughput_per_s = 8000.0,
                .size_bytes = 300'000,
                .peak_activation_bytes = 1000,
                .macs = 100};
  r.front = {{.id = 1,
              .quality = 0.92,
              .latency_cost_ns = 100e3,
              .latency_p50_ns = 100e3,
              .throughput_per_s = 9040.0,
              .size_bytes = 75'000,
              .peak_activation_bytes = 1000,
              .macs = 120}};
  return r;
}

}  // namespace

TEST_CASE("facts: values, changes and their direction") {
  front_report const r = two_models();
  facts const f = facts_of(r, r.front[0]);
  CHECK(f.quality.value == "92.00 %");
  CHECK(f.quality.change == "-1.00");
  CHECK(f.quality.better == -1);
  CHECK(f.size.change == "-75.0 %");
  CHECK(f.size.better == 1);
  CHECK(f.throughput.change == "+13.0 %");
  CHECK(f.throughput.better == 1);
  CHECK(f.macs.better == -1);
  CHECK(f.peak_activation.better == 0);
  CHECK(f.quality_test.value.empty());
  CHECK(f.quality_test.change.empty());
  CHECK(f.emitted_latency.value.empty());
}

TEST_CASE("facts: an estimate is compared with an estimate, never with a measurement") {
  front_report r = two_models();
  CHECK(std::string(facts_of(r, r.front[0]).latency.name) == "latency p50");
  CHECK(facts_of(r, r.front[0]).latency.change == "-60.0 %");
  r.front[0].latency_p50_ns.reset();
  CHECK(std::string(facts_of(r, r.front[0]).latency.name) == "latency, estimated");
  CHECK(facts_of(r, r.front[0]).latency.value == "100 us");
  CHECK(facts_of(r, r.front[0]).latency.change == "-50.0 %");
  r.front[0].latency_p50_ns = 90e3;
  r.baseline.latency_p50_ns.reset();
  CHECK(facts_of(r, r.front[0]).latency.change == "-50.0 %");
}

TEST_CASE("facts: the baseline is not compared with itself") {
  front_report const r = two_models();
  facts all = facts_of(r, r.baseline);
  for (fact const* f : all.all()) CHECK(f->change.empty());
}

TEST_CASE("facts: where a lower metric is better, lower is better") {
  front_report r = two_models();
  r.higher_is_better = false;
  CHECK(facts_of(r, r.front[0]).quality.better == 1);
}
