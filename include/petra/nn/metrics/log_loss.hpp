// Mean negative logarithm of the probability that softmax gives to the label, in nats.
#pragma once
#include <algorithm>

#include "petra/nn/metrics/metric.hpp"

namespace petra::inline PETRA_ABI::metric {

struct log_loss {
  static constexpr char const* name = "log-loss";
  static constexpr bool higher_is_better = false;

  // outputs (N,C). Never infinite: logits are finite, and the exponential is taken from the largest.
  [[nodiscard]] double operator()(std::span<float const> outputs, std::span<std::int32_t const> labels,
                                  index_t classes) const {
    check(name, outputs, labels, classes);
    double total = 0;
    float const* x = outputs.data();
    for (std::int32_t const label : labels) {
      double const largest = static_cast<double>(*std::max_element(x, x + classes));
      double sum = 0;
      for (index_t c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(x[c]) - largest);
      total += std::log(sum) - (static_cast<double>(x[label]) - largest);
      x += classes;
    }
    return total / static_cast<double>(labels.size());
  }
};

static_assert(metric_of<log_loss, std::int32_t>);

}  // namespace petra::metric
