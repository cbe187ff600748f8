// Made-up reports for the tests of report/: a usual one, one with an empty front, one with extreme numbers.
#pragma once
#include <cmath>
#include <cstdint>
#include <string>

#include "petra/core/random.hpp"
#include "petra/report/format.hpp"
#include "petra/report/front.hpp"

namespace sample {

using petra::report::candidate;
using petra::report::front_report;

inline bool dominates(candidate const& a, candidate const& b) {
  bool const no_worse = a.quality >= b.quality && petra::report::latency_ns(a) <= petra::report::latency_ns(b) &&
                        a.size_bytes <= b.size_bytes;
  return no_worse && (a.quality > b.quality || petra::report::latency_ns(a) < petra::report::latency_ns(b) ||
                      a.size_bytes < b.size_bytes);
}

// 60 candidates on a plausible cloud; a pipeline with every character that HTML, JSON or JavaScript could trip over.
inline front_report report() {
  front_report r{.petra_version = "0.1.0",
                 .seed = 18446744073709551557u,
                 .threads = 2,
                 .evaluations = 60,
                 .seconds = 228.4,
                 .metric = "accuracy",
                 .higher_is_better = true,
                 .hardware = "A made-up CPU @ 2.60 GHz, 2 cores, AVX-512 VNNI",
                 .flags = "-O3 -march=native"};
  r.baseline = {.id = 0,
                .pipeline = "train{.epochs = 12}",
                .genome = "t12",
                .quality = 0.9312,
                .quality_test = 0.9286,
                .latency_cost_ns = 268e3,
                .latency_p50_ns = 274e3,
                .latency_p99_ns = 301e3,
                .latency_spread_ns = 4e3,
                .throughput_per_s = 8120,
                .throughput_spread_per_s = 95,
                .size_bytes = 312'436,
                .peak_activation_bytes = 131'072,
                .macs = 12'501'632};
  for (std::int64_t id = 1; id < 60; ++id) {
    petra::random random(petra::key(11, id));
    bool const int8 = random.uniform() < 0.55f;
    double const keep = random.uniform(0.18f, 1.f), rank = random.uniform() < 0.4f ? random.uniform(0.4f, 0.9f) : 1.;
    double const width = keep * rank, speed = int8 ? 0.34 : 1., luck = random.uniform(0.f, 1.f);
    candidate c = r.baseline;
    c.id = id;
    auto const two = [](double x) { return petra::report::fixed(x, 2); };
    c.pipeline = std::string("train{.epochs = ") + std::to_string(4 + random.index(6)) + "}";
    if (keep < 0.95)
      c.pipeline += std::string(" | prune::channels{.ratio = ") + two(1 - keep) +
                    "f, .by = prune::taylor{}} | finetune{.epochs = " + std::to_string(1 + random.index(4)) + "}";
    if (rank < 1) c.pipeline += std::string(" | lowrank::svd{.keep = energy{") + two(rank) + "f}}";
    if (int8) c.pipeline += " | quantize::affine<8>{}";
    c.genome = std::string("g") + std::to_string(id);
    c.quality = 0.9325 - 0.035 * std::pow(1 - width, 2.2) - 0.022 * luck * luck - (int8 ? 0.002 : 0.);
    c.quality_test.reset();
    c.latency_cost_ns = 268e3 * speed * (0.12 + 0.88 * std::pow(width, 1.3)) * (rank < 1 ? 1.08 : 1.);
    c.latency_p50_ns = c.latency_p99_ns = c.latency_spread_ns = c.throughput_per_s = c.throughput_spread_per_s = {};
    c.size_bytes = static_cast<petra::index_t>(312'436 * (int8 ? 0.26 : 1.) * (0.05 + 0.95 * width * width));
    c.peak_activation_bytes = static_cast<petra::index_t>(131'072 * (int8 ? 0.25 : 1.) * (0.3 + 0.7 * keep));
    c.macs = static_cast<petra::index_t>(12'501'632 * (0.1 + 0.9 * width));
    r.evaluated.push_back(c);
  }
  r.evaluated[6].pipeline =
      "train{.epochs = 9, .note = \"<b>&amp;</b></script><!-- ' ` ${x} \\n\"} | prune::channels{.ratio = "
      "per_place<float>{0.4f, {{\"body.conv2\", 0.1f}}}} | quantize::affine<8>{}";
  r.evaluated[6].quality = 0.9304;
  for (candidate const& c : r.evaluated) {
    bool on_front = true;
    for (candidate const& d : r.evaluated) on_front = on_front && !dominates(d, c);
    if (!on_front) continue;
    candidate m = c;
    petra::random random(petra::key(12, c.id));
    m.quality_test = m.quality - 0.002 + 0.003 * random.uniform();
    m.latency_p50_ns = m.latency_cost_ns * (0.94 + 0.1 * random.uniform());
    m.latency_p99_ns = *m.latency_p50_ns * 1.11;
    m.latency_spread_ns = *m.latency_p50_ns * 0.015;
    m.throughput_per_s = 2.2e9 / *m.latency_p50_ns;
    m.throughput_spread_per_s = *m.throughput_per_s * 0.012;
    m.flagged = petra::report::differs_from_table(m);
    r.front.push_back(m);
  }
  double best = 1e300;
  for (candidate& c : r.front) {
    double const product = static_cast<double>(c.size_bytes) * *c.latency_p50_ns;
    if (c.quality < r.baseline.quality - 0.01 || product >= best) continue;
    best = product;
    r.chosen = c.id;
  }
  for (candidate& c : r.front)
    if (r.chosen && c.id == *r.chosen) c.emitted_latency_p50_ns = *c.latency_p50_ns * 0.98;
  r.front[1].latency_p50_ns = r.front[1].latency_cost_ns * 1.19;
  r.front[1].flagged = true;
  r.evaluated.insert(r.evaluated.begin(), r.baseline);
  r.failed = {
      {"train{.epochs = 4, .rate = 10.f} | quantize::affine<8>{}", "training: the loss is NaN in epoch 1, batch 17"},
      {"lowrank::svd{.keep = rank{64}}", "lowrank::svd touched nothing: <every> place would grow & was left"}};
  return r;
}

// A search whose limits no candidate met.
inline front_report empty_report() {
  front_report r = report();
  r.chosen.reset();
  r.front.clear();
  r.evaluated.clear();
  r.baseline.id = -1;  // not an evaluation of the search
  return r;
}

// Four decades of size and latency, a model at chance, a pipeline without a place to break, a candidate without a cost.
inline front_report extreme_report() {
  front_report r = report();
  for (candidate& c : r.front) {
    if (r.chosen && c.id == *r.chosen) continue;
    c.quality = 0.1;
    c.size_bytes = 96;
    c.latency_cost_ns = 310;
    c.latency_p50_ns = 322;
    c.pipeline = std::string(600, 'x');
    break;
  }
  candidate huge = r.baseline;
  huge.id = 1000;
  huge.size_bytes = 48'000'000;
  huge.latency_cost_ns = 2.1e7;
  huge.latency_p50_ns.reset();
  huge.pipeline = "train{.epochs = 90}";
  r.evaluated.push_back(huge);
  candidate unpriced = r.baseline;  // no cost: a point of the size chart only
  unpriced.id = 1001;
  unpriced.latency_cost_ns = 0;
  unpriced.latency_p50_ns.reset();
  r.evaluated.push_back(unpriced);
  return r;
}

}  // namespace sample
