// The numbers of one candidate beside those of the baseline, as text: what table, tooltip and cards print.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "petra/core/config.hpp"
#include "petra/report/format.hpp"
#include "petra/report/front.hpp"

namespace petra::inline PETRA_ABI::report {

// `value` is empty where nothing was measured; `change` where there is nothing to compare, or for the baseline itself.
struct fact {
  char const* name = "";
  std::string value = {}, change = {};
  int better = 0;  // 1 better than the baseline, -1 worse, 0 equal or not compared
};

struct facts {
  fact quality, quality_test, size, latency, latency_spread, latency_p99, emitted_latency;
  fact throughput, throughput_spread, peak_activation, macs;
  [[nodiscard]] std::array<fact*, 11> all() {
    return {&quality,     &quality_test,    &size,       &latency,           &latency_spread,
            &latency_p99, &emitted_latency, &throughput, &throughput_spread, &peak_activation,
            &macs};
  }
};

template <class = void>
[[gnu::cold]] facts facts_of(front_report const& r, candidate const& c) {
  candidate const& b = r.baseline;
  bool const compared = c.id != b.id;
  auto const sign = [](double now, double before, bool more_is_better) {
    return now == before ? 0 : (now > before) == more_is_better ? 1 : -1;
  };
  auto const quality = [&](char const* name, std::optional<double> now, std::optional<double> before) {
    fact f{.name = name};
    if (now) f.value = quality_text(r, *now);
    if (now && before && compared) {
      f.change = quality_change_text(r, *now, *before);
      f.better = sign(*now, *before, r.higher_is_better);
    }
    return f;
  };
  auto const amount = [&](char const* name, std::optional<double> now, std::optional<double> before,
                          std::string (*text)(double), bool more_is_better = false) {
    fact f{.name = name};
    if (now) f.value = text(*now);
    if (now && before && compared) {
      f.change = change_text(*now, *before);
      f.better = sign(*now, *before, more_is_better);
    }
    return f;
  };
  // Like is compared with like: a measured median with a measured median, an estimate with an estimate.
  bool const measured = c.latency_p50_ns && b.latency_p50_ns;
  return {
      .quality = quality("quality", c.quality, b.quality),
      .quality_test = quality("test quality", c.quality_test, b.quality_test),
      .size = amount("size", static_cast<double>(c.size_bytes), static_cast<double>(b.size_bytes), bytes_text),
      .latency = measured ? amount("latency p50", c.latency_p50_ns, b.latency_p50_ns, time_text)
                          : amount("latency, estimated", c.latency_cost_ns, b.latency_cost_ns, time_text),
      .latency_spread = amount("latency spread", c.latency_spread_ns, {}, time_text),
      .latency_p99 = amount("latency p99", c.latency_p99_ns, b.latency_p99_ns, time_text),
      .emitted_latency = amount("as emitted, p50", c.emitted_latency_p50_ns, b.latency_p50_ns, time_text),
      .throughput = amount("throughput", c.throughput_per_s, b.throughput_per_s, rate_text, true),
      .throughput_spread = amount("throughput spread", c.throughput_spread_per_s, {}, rate_text),
      .peak_activation = amount("peak activations", static_cast<double>(c.peak_activation_bytes),
                                static_cast<double>(b.peak_activation_bytes), bytes_text),
      .macs = amount("MACs", static_cast<double>(c.macs), static_cast<double>(b.macs), macs_text),
  };
}

}  // namespace petra::inline PETRA_ABI::report
