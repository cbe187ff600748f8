// How much of a metric, or of the difference of two models, is chance of the samples at hand: percentile intervals from
// resamples drawn with replacement. For a difference both models are judged on the same resamples (paired), which takes
// out what is hard or easy for both.
//
// Source: Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, sections 13.3 and 16.
// Properties: a function of outputs, answers and settings; resample r is keyed by (seed, r).
// Throws: what the metric throws on the samples themselves; setting_error for settings outside their range, or when the
// metric is not defined on most resamples (AUC of a set with one positive sample): those are drawn anew.
// Cost: resamples x the metric. AUC of 6,000 samples, two models: 2 ms a resample.
#pragma once
#include <algorithm>
#include <vector>

#include "petra/core/order.hpp"
#include "petra/core/random.hpp"
#include "petra/nn/metrics/metric.hpp"

namespace petra::inline PETRA_ABI::metric {

struct bootstrap_settings {
  index_t resamples = 1000;
  double level = 0.95;
  std::uint64_t seed = 1;
};

struct interval {
  double value = 0;          // on the samples themselves
  double low = 0, high = 0;  // of the given level
};

namespace detail {

// Rows drawn with replacement from a (n,width) into out.
template <class T>
void gather(std::span<T const> a, std::span<index_t const> rows, std::vector<T>& out) {
  index_t const width = static_cast<index_t>(a.size() / rows.size());
  T* to = out.data();
  for (index_t const r : rows) to = std::copy_n(a.data() + r * width, width, to);
}

// The quantiles (1 -+ level) / 2 of x, linear between neighbors.
template <class = void>
[[gnu::cold]] interval quantiles(double value, std::vector<double> const& x, double level) {
  std::vector<index_t> const order = ascending(x);
  auto const at = [&](double q) {
    double const place = q * static_cast<double>(x.size() - 1);
    auto const i = static_cast<std::size_t>(place);
    double const a = x[static_cast<std::size_t>(order[i])],
                 b = x[static_cast<std::size_t>(order[std::min(i + 1, x.size() - 1)])];
    return a + (place - static_cast<double>(i)) * (b - a);
  };
  return {value, at((1 - level) / 2), at((1 + level) / 2)};
}

// statistic(rows) -> double, or setting_error where it is not defined.
template <class F>
[[nodiscard, gnu::cold]] interval resampled(index_t samples, bootstrap_settings const& s, double value, F&& statistic) {
  if (s.resamples < 20 || !(s.level > 0 && s.level < 1))
    throw_error<setting_error>(
        {"bootstrap: resamples must be >= 20 and level in (0, 1), found ", s.resamples, " and ", s.level});
  std::vector<double> values;
  std::vector<index_t> rows(static_cast<std::size_t>(samples));
  for (index_t draw = 0; static_cast<index_t>(values.size()) < s.resamples; ++draw) {
    petra::random r(key(s.seed, 0x626f6f74u, draw));
    for (index_t& row : rows) row = r.index(samples);
    try {
      values.push_back(statistic(std::span<index_t const>(rows)));
    } catch (setting_error const&) {
      if (draw >= 2 * s.resamples) throw;
    }
  }
  return quantiles(value, values, s.level);
}

}  // namespace detail

// Interval of the metric of one model. outputs (N,width), answers as in metric.hpp.
template <class Answer, metric_of<Answer> M>
[[nodiscard]] interval bootstrap(M const& metric, std::span<float const> outputs, std::span<Answer const> answers,
                                 index_t width, bootstrap_settings const& s = {}) {
  double const value = metric(outputs, answers, width);
  std::vector<float> x(outputs.size());
  std::vector<Answer> y(answers.size());
  return detail::resampled(static_cast<index_t>(outputs.size()) / width, s, value, [&](std::span<index_t const> rows) {
    detail::gather(outputs, rows, x);
    detail::gather(answers, rows, y);
    return metric(std::span<float const>(x), std::span<Answer const>(y), width);
  });
}

// Interval of metric(a) - metric(b) for outputs a and b (N,width) of two models on the same samples.
template <class Answer, metric_of<Answer> M>
[[nodiscard]] interval bootstrap_difference(M const& metric, std::span<float const> a, std::span<float const> b,
                                            std::span<Answer const> answers, index_t width,
                                            bootstrap_settings const& s = {}) {
  double const value = metric(a, answers, width) - metric(b, answers, width);
  std::vector<float> xa(a.size()), xb(b.size());
  std::vector<Answer> y(answers.size());
  return detail::resampled(static_cast<index_t>(a.size()) / width, s, value, [&](std::span<index_t const> rows) {
    detail::gather(a, rows, xa);
    detail::gather(b, rows, xb);
    detail::gather(answers, rows, y);
    std::span<Answer const> const of(y);
    return metric(std::span<float const>(xa), of, width) - metric(std::span<float const>(xb), of, width);
  });
}

}  // namespace petra::metric
