// Who is drawn, as what, and over which range.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "petra/report/points.hpp"
#include "sample_report.hpp"

using namespace petra::report;

TEST_CASE("points: everybody once; a member of the front with its measurements") {
  front_report const r = sample::report();
  auto const all = everybody(r);
  std::set<std::int64_t> ids;
  for (candidate const* c : all) ids.insert(c->id);
  CHECK(ids.size() == all.size());
  CHECK(all.size() == r.evaluated.size());  // in the sample the baseline and the front were evaluated too
  CHECK(std::is_sorted(all.begin(), all.end(), [](auto const* a, auto const* b) { return a->id < b->id; }));
  for (candidate const& f : r.front) {
    auto const it = std::find_if(all.begin(), all.end(), [&](auto const* c) { return c->id == f.id; });
    REQUIRE(it != all.end());
    CHECK((*it)->latency_p50_ns.has_value());
  }
}

TEST_CASE("points: kinds") {
  front_report r = sample::report();
  CHECK(std::string_view(kind_of(r, r.baseline)) == "baseline");
  CHECK(std::string_view(kind_of(r, *chosen_model(r))) == "chosen");
  int front = 0, other = 0;
  for (candidate const* c : everybody(r)) {
    front += std::string_view(kind_of(r, *c)) == "front";
    other += std::string_view(kind_of(r, *c)) == "other";
  }
  CHECK(front == static_cast<int>(r.front.size()) - 1);
  CHECK(front + other + 2 == static_cast<int>(everybody(r).size()));
  r.front.push_back(r.baseline);  // nothing dominates it: still drawn as the baseline
  CHECK(std::string_view(kind_of(r, r.baseline)) == "baseline");
}

TEST_CASE("points: the range holds baseline and chosen model always, a model at chance never") {
  front_report r = sample::extreme_report();
  auto [lo, hi] = quality_range(r);
  CHECK(lo > 80);
  CHECK(hi < 100);
  CHECK(lo < 100 * r.baseline.quality);
  CHECK(hi > 100 * r.baseline.quality);
  for (candidate& c : r.front)
    if (c.id == *r.chosen) c.quality = 0.2;
  CHECK(quality_range(r).first < 20);
  for (candidate& c : r.front)
    if (c.id == *r.chosen) c.quality = 0.9;
  CHECK(quality_range(r).first > 80);
  r.baseline.quality = 0.1;
  CHECK(quality_range(r).first < 10);
}

TEST_CASE("points: a range is never empty") {
  front_report const alone = sample::empty_report();
  CHECK(quality_range(alone).first < quality_range(alone).second);
  front_report zero{.metric = "mean squared error", .higher_is_better = false};
  CHECK(quality_range(zero).first < quality_range(zero).second);
}
