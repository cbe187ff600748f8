#include "petra/report/from_search.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "../deploy/sample_graphs.hpp"
#include "petra/deploy/compile.hpp"
#include "petra/report/front_json.hpp"

namespace {

using namespace petra;

// Only what a report needs to know of a space.
struct words {
  using gene = int;
  [[nodiscard]] int random_gene(petra::random& r) const { return static_cast<int>(r.index(3)); }
  [[nodiscard]] int mutate(int g, petra::random&) const { return g; }
  [[nodiscard]] bool legal(std::span<int const>) const { return true; }
  [[nodiscard]] std::string text(std::vector<int> const& g) const { return std::to_string(g.size()); }
  [[nodiscard]] std::vector<std::vector<int>> seeds() const { return {}; }
};
static_assert(search::search_space<words>);

search::candidate<words> candidate_of(std::int64_t id, search::evaluation const& e) {
  search::candidate<words> c;
  c.id = id;
  c.text = "genome " + std::to_string(id);
  c.result = e;
  return c;
}

search::scores const some{
    .quality = 0.9, .latency_ns = 2000, .size_bytes = 300, .peak_activation_bytes = 40, .macs = 5};

report::candidate member(std::int64_t id, double quality, index_t size, double cost_ns) {
  report::candidate c;
  c.id = id;
  c.quality = quality;
  c.size_bytes = size;
  c.latency_cost_ns = cost_ns;
  return c;
}

}  // namespace

TEST_CASE(
    "to_candidate: scores arrive, nothing is measured, and a genome is its pipeline unless it was run as another") {
  search::evaluation e = search::measured(some);
  auto const c = report::to_candidate(7, "train{}", e);
  CHECK(c.id == 7);
  CHECK(c.genome == "train{}");
  CHECK(c.pipeline == "train{}");
  CHECK(c.quality == 0.9);
  CHECK(c.latency_cost_ns == 2000);
  CHECK(c.size_bytes == 300);
  CHECK(c.peak_activation_bytes == 40);
  CHECK(c.macs == 5);
  CHECK_FALSE(c.quality_test);
  CHECK_FALSE(c.latency_p50_ns);
  CHECK_FALSE(c.throughput_per_s);
  CHECK_FALSE(c.flagged);
  e.pipeline = "train{.epochs = 3}";
  CHECK(report::to_candidate(7, "train{}", e).pipeline == "train{.epochs = 3}");
}

TEST_CASE("to_report: models, the front and the failures are told apart; all count as evaluations") {
  search::outcome<words> o;
  o.evaluated = {candidate_of(0, search::measured(some)), candidate_of(1, search::failed("out of memory")),
                 candidate_of(2, search::beyond_limits("size: too large", 0.5, some)),
                 candidate_of(3, search::measured(some)), candidate_of(5, search::measured(some))};
  o.front = {3, 5};
  o.seconds = 12.5;
  auto r = report::to_report(o, 18446744073709551615u, 2);
  CHECK(r.seed == 18446744073709551615u);
  CHECK(r.threads == 2);
  CHECK(r.evaluations == 5);
  CHECK(r.seconds == 12.5);
  CHECK(r.metric == "accuracy");
  CHECK(r.higher_is_better);
  CHECK_FALSE(r.petra_version.empty());
  CHECK_FALSE(r.chosen);
  REQUIRE(r.evaluated.size() == 3);
  REQUIRE(r.front.size() == 2);
  CHECK(r.front[0].id == 3);
  CHECK(r.front[1].id == 5);
  CHECK(r.front[1] == r.evaluated[2]);
  REQUIRE(r.failed.size() == 2);
  CHECK(r.failed[0] == report::failure{"genome 1", "out of memory"});
  CHECK(r.failed[1] == report::failure{"genome 2", "size: too large"});
  r.baseline.id = -1;  // the caller's
  CHECK(report::from_json(report::to_json(r)) == r);
}

TEST_CASE("to_report: a search that found nothing") {
  auto const r = report::to_report(search::outcome<words>{}, 1, 1);
  CHECK(r.evaluations == 0);
  CHECK(r.front.empty());
  CHECK(r.evaluated.empty());
  CHECK(report::from_json(report::to_json(r)) == r);
}

TEST_CASE("choose: the smallest size x latency within the loss that is allowed") {
  report::front_report r;
  r.baseline = member(-1, 0.925, 1000, 1000);
  CHECK(report::choose(r, 1) == nullptr);
  r.front = {member(1, 0.92, 500, 400), member(2, 0.915, 300, 300), member(3, 0.91, 100, 100),
             member(4, 0.93, 900, 900)};
  auto const chosen = [&](double loss) {
    auto const* const c = report::choose(r, loss);
    return c == nullptr ? 0 : c->id;
  };
  CHECK(chosen(0) == 4);  // better than the baseline counts as no loss
  CHECK(chosen(0.005) == 1);
  CHECK(chosen(0.01) == 2);  // exactly one point
  CHECK(chosen(0.0149) == 2);
  CHECK(chosen(1) == 3);
  r.baseline.quality = 0.99;
  CHECK(chosen(0.01) == 0);
  r.baseline.quality = 0.2;
  r.front = {member(5, 0.15, 1, 1)};
  CHECK(0.2 - 0.05 > 0.15);  // in binary; it is exactly five points all the same
  CHECK(chosen(0.05) == 5);
  CHECK(chosen(0.0499) == 0);
}

TEST_CASE("choose: a measured latency counts instead of the cost table's; of equals the first") {
  report::front_report r;
  r.baseline = member(-1, 0.9, 1000, 1000);
  r.front = {member(1, 0.9, 100, 100), member(2, 0.9, 100, 90), member(3, 0.9, 100, 100)};
  CHECK(report::choose(r, 0)->id == 2);
  r.front[1].latency_p50_ns = 200;
  CHECK(report::choose(r, 0)->id == 1);
  r.front[2].latency_p50_ns = 80;
  CHECK(report::choose(r, 0)->id == 3);
}

TEST_CASE(
    "measure_front: baseline and every member get latency and throughput; who differs from the table is flagged") {
  sample::builder b({4, 4, 1}, false, 1);
  b.dense(b.conv(0, 4, {}), 2);
  auto const program = std::make_shared<deploy::program const>(deploy::compile(b.g));
  report::front_report r;
  r.baseline = member(-1, 0.9, 1, 1);  // a table that is surely wrong
  r.front = {member(1, 0.9, 1, 1), member(2, 0.9, 1, 1)};
  std::shared_ptr<deploy::program const> const programs[] = {program, program};
  report::measure_front(r, *program, programs,
                        {.latency_seconds = 0.01, .throughput = {.threads = 1, .seconds = 0.002, .repeats = 3}});
  for (report::candidate const* const c : {&r.baseline, &r.front[0], &r.front[1]}) {
    CHECK(c->latency_p50_ns.value_or(0) > 1.15);
    CHECK(c->latency_p99_ns.value_or(0) >= c->latency_p50_ns.value_or(1));
    CHECK(c->latency_spread_ns.value_or(-1) >= 0);
    CHECK(c->throughput_per_s.value_or(0) > 0);
    CHECK(c->throughput_spread_per_s.value_or(-1) >= 0);
    CHECK(c->flagged);
  }
  r.front.clear();
  report::measure_front(r, *program, {},
                        {.latency_seconds = 0.01, .throughput = {.threads = 1, .seconds = 0.002, .repeats = 1}});
  CHECK(r.baseline.throughput_spread_per_s == 0.0);
}

TEST_CASE("hardware: names the processor and its threads") {
  std::string const text = report::hardware();
  CHECK(text.ends_with(" threads"));
  CHECK(text.find(", ") != text.npos);
  CHECK(text.find('\n') == text.npos);
}

TEST_CASE("to_report, choose: of an error less is better, and it is reported as it is") {
  search::scores better = some, worse = some;
  better.quality = -1.5;
  worse.quality = -2;
  search::outcome<words> o;
  o.evaluated = {candidate_of(0, search::measured(better)), candidate_of(1, search::measured(worse))};
  o.front = {0, 1};
  auto r = report::to_report(o, 1, 1, {"RMSE", false});
  CHECK(r.metric == "RMSE");
  CHECK_FALSE(r.higher_is_better);
  CHECK(r.front[0].quality == 1.5);
  CHECK(r.evaluated[1].quality == 2);
  CHECK(report::to_candidate(-1, "g", search::measured(worse), false).quality == 2);
  r.front[1].size_bytes = 1;
  r.baseline.quality = 1.6;
  CHECK(report::choose(r, 0)->id == 0);
  CHECK(report::choose(r, 0.39)->id == 0);
  CHECK(report::choose(r, 0.4)->id == 1);
  r.baseline.quality = 1.4;
  CHECK(report::choose(r, 0.09) == nullptr);
}
