// The way to front.json and back; what a damaged file is answered with.
#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "petra/report/front_json.hpp"
#include "sample_report.hpp"

using namespace petra::report;
using petra::json;

namespace {

std::string complaint(json const& j) {
  try {
    (void)from_json(j);
  } catch (petra::io_error const& e) {
    return e.what();
  }
  return {};
}

std::vector<std::string> keys(json const& j) {
  std::vector<std::string> names;
  for (auto const& m : j.as_object()) names.push_back(m.key);
  return names;
}

// j with the member at `path` (object names) set to `value`.
json with(json j, std::vector<std::string> const& path, json value) {
  json* at = &j;
  for (std::string const& name : path) at = &(*at)[name];
  *at = std::move(value);
  return j;
}

json without(json const& j, std::string_view name) {
  json::object o;
  for (auto const& m : j.as_object())
    if (m.key != name) o.push_back(m);
  return o;
}

}  // namespace

TEST_CASE("front_json: a report survives the file, at any indent, the last bit of the seed included") {
  for (front_report const& r : {sample::report(), sample::empty_report(), sample::extreme_report()}) {
    CHECK(from_json(json::parse(to_json(r).dump(2), "front.json")) == r);
    CHECK(from_json(json::parse(to_json(r).dump(), "front.json")) == r);
  }
}

TEST_CASE("front_json: the keys are those of the documentation, in its order") {
  json const j = to_json(sample::report());
  CHECK(keys(j) == std::vector<std::string>{"petra_version", "seed", "threads", "evaluations", "seconds", "metric",
                                            "higher_is_better", "hardware", "flags", "baseline", "chosen", "front",
                                            "evaluated", "failed"});
  std::vector<std::string> const model{"id",
                                       "pipeline",
                                       "genome",
                                       "quality",
                                       "quality_test",
                                       "latency_cost_ns",
                                       "latency_p50_ns",
                                       "latency_p99_ns",
                                       "latency_spread_ns",
                                       "emitted_latency_p50_ns",
                                       "throughput_per_s",
                                       "throughput_spread_per_s",
                                       "size_bytes",
                                       "peak_activation_bytes",
                                       "macs",
                                       "flagged"};
  CHECK(keys(j.at("baseline")) == model);
  CHECK(keys(j.at("front").as_array()[0]) == model);
  CHECK(keys(j.at("failed").as_array()[0]) == std::vector<std::string>{"pipeline", "why"});
}

TEST_CASE("front_json: what was not measured is null, not zero") {
  json const j = to_json(candidate{.id = 3});
  for (char const* key : {"quality_test", "latency_p50_ns", "latency_p99_ns", "latency_spread_ns",
                          "emitted_latency_p50_ns", "throughput_per_s", "throughput_spread_per_s"}) {
    CAPTURE(key);
    CHECK(j.at(key).is_null());
  }
  CHECK(to_json(sample::empty_report()).at("chosen").is_null());
  CHECK_FALSE(from_json(to_json(sample::empty_report())).chosen.has_value());
}

TEST_CASE("front_json: a missing member is named with its place") {
  json const j = to_json(sample::report());
  for (std::string const& key : keys(j)) {
    CAPTURE(key);
    CHECK(complaint(without(j, key)).find("expected a member " + key + ", found none") != std::string::npos);
  }
  json const model = without(j.at("baseline"), "size_bytes");
  CHECK(complaint(with(j, {"baseline"}, model)) == "front.json: expected a member baseline.size_bytes, found none");
  json const list = json::array{j.at("front").as_array()[0], without(j.at("front").as_array()[1], "latency_p50_ns")};
  CHECK(complaint(with(with(j, {"front"}, list), {"chosen"}, nullptr)) ==
        "front.json: expected a member front[1].latency_p50_ns, found none");
}

TEST_CASE("front_json: what a later petra adds is ignored, what only this one writes may be absent") {
  json j = to_json(sample::report());
  j["later"] = "x";
  CHECK(from_json(j) == sample::report());
  json b = j.at("baseline");
  for (char const* key : {"latency_spread_ns", "throughput_spread_per_s", "flagged"}) b = without(b, key);
  front_report const r = from_json(with(j, {"baseline"}, b));
  CHECK_FALSE(r.baseline.latency_spread_ns.has_value());
  CHECK_FALSE(r.baseline.flagged);
}

TEST_CASE("front_json: values of another kind or out of range") {
  json const j = to_json(sample::report());
  auto const bad = [&](std::vector<std::string> const& path, json value, std::string_view part) {
    std::string const message = complaint(with(j, path, std::move(value)));
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
  };
  bad({"baseline", "size_bytes"}, -1, "expected baseline.size_bytes to be an integer from 0 to");
  bad({"baseline", "size_bytes"}, 1.5, "expected baseline.size_bytes to be a 64-bit integer");
  bad({"baseline", "quality"}, nullptr, "expected baseline.quality to be a number, found null");
  bad({"baseline", "latency_p50_ns"}, -3.0, "expected baseline.latency_p50_ns to be a number that is not negative");
  bad({"baseline", "latency_cost_ns"}, "fast", "expected baseline.latency_cost_ns to be a number, found a string");
  bad({"seed"}, -1, "expected seed to be an integer in [0, 2^64)");
  bad({"threads"}, 0, "expected threads to be an integer from 1 to");
  bad({"higher_is_better"}, 1, "expected higher_is_better to be true or false");
  bad({"baseline"}, json::array{}, "expected baseline to be an object");
  bad({"front"}, json::object{}, "expected front to be an array");
  bad({"failed"}, json::array{json::object{{"pipeline", "p"}}}, "expected a member failed[0].why");
  bad({"chosen"}, 777, "expected chosen to be the id of a member of front, found 777");
  CHECK(complaint(json::array{}).find("expected the document to be an object") != std::string::npos);
  bad({"baseline", "pipeline"}, "another", "expected baseline.id to be an id that no other model has, found 0 for two");
  json const twin = json::array{j.at("baseline"), j.at("baseline")};
  bad({"evaluated"}, twin, "expected evaluated to be models with different ids, found id 0 twice");
}

TEST_CASE("front_json: a quality that is not finite does not come back as a number") {
  front_report r = sample::report();
  r.baseline.quality = std::numeric_limits<double>::quiet_NaN();
  CHECK(complaint(json::parse(to_json(r).dump())).find("expected baseline.quality to be a number, found null") !=
        std::string::npos);
}
