// front_report to and from front.json; the schema is docs/front_json.md.
//
// Every key is written, in the order of the schema; what was not measured is null. Reading checks kinds, ranges, that
// ids are unique and that the chosen model is on the front; keys it does not know are ignored, so that a later petra
// may add some.
//
// Throws: io_error that names the place: `front.json: expected front[3].size_bytes to be ..., found ...`.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "petra/core/config.hpp"
#include "petra/core/error.hpp"
#include "petra/core/extents.hpp"
#include "petra/core/json.hpp"
#include "petra/core/order.hpp"
#include "petra/core/text.hpp"
#include "petra/report/front.hpp"

namespace petra::inline PETRA_ABI::report {

// One more member; an absent value is null. Member by member, as a list of initializers would copy each.
template <class T>
[[gnu::cold]] void put(json& object, char const* name, T const& value) {
  object[name] = value;
}
template <class T>
[[gnu::cold]] void put(json& object, char const* name, std::optional<T> const& value) {
  object[name] = value ? json(*value) : json();
}

template <class = void>
[[gnu::cold]] json to_json(candidate const& c) {
  json j;
  put(j, "id", c.id);
  put(j, "pipeline", c.pipeline);
  put(j, "genome", c.genome);
  put(j, "quality", c.quality);
  put(j, "quality_test", c.quality_test);
  put(j, "latency_cost_ns", c.latency_cost_ns);
  put(j, "latency_p50_ns", c.latency_p50_ns);
  put(j, "latency_p99_ns", c.latency_p99_ns);
  put(j, "latency_spread_ns", c.latency_spread_ns);
  put(j, "emitted_latency_p50_ns", c.emitted_latency_p50_ns);
  put(j, "throughput_per_s", c.throughput_per_s);
  put(j, "throughput_spread_per_s", c.throughput_spread_per_s);
  put(j, "size_bytes", c.size_bytes);
  put(j, "peak_activation_bytes", c.peak_activation_bytes);
  put(j, "macs", c.macs);
  put(j, "flagged", c.flagged);
  return j;
}

template <class = void>
[[gnu::cold]] json to_json(front_report const& r) {
  auto const list = [](std::vector<candidate> const& models) {
    json a = json::array{};
    for (candidate const& c : models) a.push_back(to_json(c));
    return a;
  };
  json j;
  put(j, "petra_version", r.petra_version);
  put(j, "seed", r.seed);
  put(j, "threads", r.threads);
  put(j, "evaluations", r.evaluations);
  put(j, "seconds", r.seconds);
  put(j, "metric", r.metric);
  put(j, "higher_is_better", r.higher_is_better);
  put(j, "hardware", r.hardware);
  put(j, "flags", r.flags);
  j["baseline"] = to_json(r.baseline);
  put(j, "chosen", r.chosen);
  j["front"] = list(r.front);
  j["evaluated"] = list(r.evaluated);
  json& failed = j["failed"] = json::array{};
  for (failure const& f : r.failed) {
    json one;
    put(one, "pipeline", f.pipeline);
    put(one, "why", f.why);
    failed.push_back(std::move(one));
  }
  return j;
}

// An object of the file together with the path to it ("front[3]."), for messages.
class front_reader {
 public:
  front_reader(json const& object, std::string path) : object_(object), path_(std::move(path)) {
    if (!object.is_object())
      fail(path_.empty() ? "the document" : path_.substr(0, path_.size() - 1), "an object", "something else");
  }

  [[nodiscard]] std::string text(std::string_view key) const { return at(key).as_string(place(key)); }
  [[nodiscard]] bool truth(std::string_view key) const { return at(key).as_bool(place(key)); }
  [[nodiscard]] std::int64_t integer(std::string_view key) const { return at(key).as_int(place(key)); }
  [[nodiscard]] std::uint64_t natural(std::string_view key) const { return at(key).as_uint(place(key)); }
  [[nodiscard]] double number(std::string_view key) const { return at(key).as_double(place(key)); }
  // A count or a number of bytes.
  [[nodiscard]] index_t count(std::string_view key, index_t least = 0,
                              index_t most = std::numeric_limits<index_t>::max()) const {
    std::int64_t const n = integer(key);
    if (n < least || n > most) fail(place(key), concat({"an integer from ", least, " to ", most}), std::to_string(n));
    return static_cast<index_t>(n);
  }
  // A duration or a rate.
  [[nodiscard]] double amount(std::string_view key) const {
    double const x = number(key);
    if (!(x >= 0)) fail(place(key), "a number that is not negative", std::to_string(x));
    return x;
  }
  // null, or absent from a file of an older petra (`required` false).
  [[nodiscard]] std::optional<double> measured(std::string_view key, bool required = true) const {
    if (absent(key, required)) return {};
    return amount(key);
  }
  [[nodiscard]] bool absent(std::string_view key, bool required = true) const {
    json const* v = object_.find(key);
    return v ? v->is_null() : !required || at(key).is_null();
  }
  [[nodiscard]] json::array const& array(std::string_view key) const { return at(key).as_array(place(key)); }
  [[nodiscard]] front_reader child(std::string_view key) const { return {at(key), concat({path_, key, "."})}; }
  [[nodiscard]] front_reader child(std::string_view key, std::size_t i) const {
    return {array(key)[i], concat({path_, key, "[", i, "]."})};
  }

  [[noreturn, gnu::cold]] static void fail(std::string_view what, std::string_view expected, std::string_view found) {
    throw_error<io_error>({"front.json: expected ", what, " to be ", expected, ", found ", found});
  }
  [[nodiscard]] std::string place(std::string_view key) const { return concat({path_, key}); }

 private:
  [[nodiscard]] json const& at(std::string_view key) const {
    if (json const* v = object_.find(key)) return *v;
    throw_error<io_error>({"front.json: expected a member ", path_, key, ", found none"});
  }

  json const& object_;
  std::string path_;
};

template <class = void>
[[gnu::cold]] candidate read_candidate(front_reader const& o) {
  candidate c;
  c.id = o.integer("id");
  c.pipeline = o.text("pipeline");
  c.genome = o.text("genome");
  c.quality = o.number("quality");
  if (!o.absent("quality_test")) c.quality_test = o.number("quality_test");
  c.latency_cost_ns = o.amount("latency_cost_ns");
  c.latency_p50_ns = o.measured("latency_p50_ns");
  c.latency_p99_ns = o.measured("latency_p99_ns");
  c.latency_spread_ns = o.measured("latency_spread_ns", false);
  c.emitted_latency_p50_ns = o.measured("emitted_latency_p50_ns");
  c.throughput_per_s = o.measured("throughput_per_s");
  c.throughput_spread_per_s = o.measured("throughput_spread_per_s", false);
  c.size_bytes = o.count("size_bytes");
  c.peak_activation_bytes = o.count("peak_activation_bytes");
  c.macs = o.count("macs");
  c.flagged = !o.absent("flagged", false) && o.truth("flagged");
  return c;
}

template <class = void>
[[gnu::cold]] front_report from_json(json const& j) {
  front_reader const o(j, "");
  auto const list = [&](std::string_view key) {
    std::vector<candidate> models;
    for (std::size_t i = 0; i < o.array(key).size(); ++i) models.push_back(read_candidate(o.child(key, i)));
    auto const id = [&](index_t i) { return models[static_cast<std::size_t>(i)].id; };
    auto const order = ascending(models.size(), [&](index_t x, index_t y) { return id(x) < id(y); });
    for (std::size_t i = 1; i < order.size(); ++i)
      if (id(order[i]) == id(order[i - 1]))
        front_reader::fail(o.place(key), "models with different ids", concat({"id ", id(order[i]), " twice"}));
    return models;
  };
  front_report r;
  r.petra_version = o.text("petra_version");
  r.seed = o.natural("seed");
  r.threads = static_cast<int>(o.count("threads", 1, std::numeric_limits<int>::max()));
  r.evaluations = o.count("evaluations");
  r.seconds = o.amount("seconds");
  r.metric = o.text("metric");
  r.higher_is_better = o.truth("higher_is_better");
  r.hardware = o.text("hardware");
  r.flags = o.text("flags");
  r.baseline = read_candidate(o.child("baseline"));
  if (!o.absent("chosen")) r.chosen = o.integer("chosen");
  r.front = list("front");
  r.evaluated = list("evaluated");
  if (r.chosen && !chosen_model(r))
    front_reader::fail("chosen", "the id of a member of front", std::to_string(*r.chosen));
  for (std::vector<candidate> const* models : {&r.front, &r.evaluated})
    for (candidate const& c : *models)
      if (c.id == r.baseline.id && c.pipeline != r.baseline.pipeline)
        front_reader::fail("baseline.id", "an id that no other model has", concat({c.id, " for two pipelines"}));
  for (std::size_t i = 0; i < o.array("failed").size(); ++i) {
    front_reader const f = o.child("failed", i);
    r.failed.push_back({f.text("pipeline"), f.text("why")});
  }
  return r;
}

}  // namespace petra::inline PETRA_ABI::report
