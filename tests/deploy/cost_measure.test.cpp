#include "petra/deploy/cost_measure.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/compile.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

cost_settings const quick{.rounds = 1, .blocks = 1, .block_ns = 100};

}  // namespace

TEST_CASE("measure_missing: what is missing and nothing else") {
  program const p = compile(sample::resnet8(true, {8, 8, 3}, 8));
  cost_table t;
  auto const keys = keys_of(p);
  t.insert(keys[1], 1e9);
  measure_missing(t, p, quick);
  CHECK(t.ns(keys[1]) == 1e9);
  for (cost_key const& k : keys) {
    CHECK(t.contains(k));
    CHECK(t.ns(k) > 0);
  }
  auto const before = t.entries();
  measure_missing(t, p, quick);
  CHECK(t.entries() == before);
}

TEST_CASE("measure_missing: not into the table of another machine, not with empty settings") {
  program const p = compile(sample::resnet8(true, {8, 8, 3}, 8));
  cost_table other("cortex_m4"), own;
  CHECK_THROWS_WITH_AS(measure_missing(other, p, quick), doctest::Contains("found one for cortex_m4"),
                       petra::setting_error);
  CHECK_THROWS_AS(measure_missing(own, p, {.rounds = 0}), petra::setting_error);
  for (cost_key const& k : keys_of(p)) other.insert(k, 1);
  measure_missing(other, p, quick);  // nothing to measure
}

TEST_CASE("measured widths: eights, coarser above, and the layer's own") {
  CHECK(measured_widths(3) == std::vector<index_t>{3});
  CHECK(measured_widths(8) == std::vector<index_t>{8});
  CHECK(measured_widths(20) == std::vector<index_t>{8, 16, 20});
  CHECK(measured_widths(64).size() == 8);
  CHECK(measured_widths(512).size() < 24);
  CHECK(measured_widths(512).back() == 512);
}

TEST_CASE("reachable keys: what pruning, low rank and int8 make of a model is in them or between them") {
  program const full = compile(sample::resnet8(false));
  cost_table t;
  for (cost_key const& k : reachable_keys(full)) t.insert(k, k.work());
  for (index_t const width : {8, 16})
    for (bool const int8 : {false, true})
      for (cost_key const& k : keys_of(compile(sample::resnet8(int8, {32, 32, 3}, width)))) {
        CAPTURE(k.text());
        CHECK(t.contains(k));
      }
  // Low rank: rank 12 of the 3x3 of 64 channels, and of the dense layer.
  for (bool const int8 : {false, true}) {
    sample::builder b({32, 32, 3}, int8, 1);
    auto x = b.conv(b.conv(0, 16, {}), 32, {3, 3, 2, 1, 1});
    x = b.conv(b.conv(b.conv(x, 64, {3, 3, 2, 1, 1}), 12, {}), 64, {1, 1, 1, 0, 1});
    x = b.dense(b.dense(b.global_avg_pool(x), 9), 10);
    for (cost_key const& k : keys_of(compile(b.g))) {
      CAPTURE(k.text());
      CHECK(t.ns(k) == doctest::Approx(k.work()));  // exact in this table only if interpolated between true neighbors
    }
  }
  CHECK(reachable_keys(full).size() < 1000);
}
