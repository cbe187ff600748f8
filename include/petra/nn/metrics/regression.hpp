// Errors of predicted numbers: root of the mean square, and mean absolute value, over all numbers of all samples.
#pragma once
#include "petra/nn/metrics/metric.hpp"

namespace petra::inline PETRA_ABI::metric {

struct rmse {
  static constexpr char const* name = "RMSE";
  static constexpr bool higher_is_better = false;

  // outputs and targets (N,width).
  [[nodiscard]] double operator()(std::span<float const> outputs, std::span<float const> targets, index_t width) const {
    check(name, outputs, targets, width);
    double sum = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      double const d = static_cast<double>(outputs[i]) - static_cast<double>(targets[i]);
      sum += d * d;
    }
    return std::sqrt(sum / static_cast<double>(outputs.size()));
  }
};

struct mae {
  static constexpr char const* name = "MAE";
  static constexpr bool higher_is_better = false;

  [[nodiscard]] double operator()(std::span<float const> outputs, std::span<float const> targets, index_t width) const {
    check(name, outputs, targets, width);
    double sum = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      sum += std::abs(static_cast<double>(outputs[i]) - static_cast<double>(targets[i]));
    return sum / static_cast<double>(outputs.size());
  }
};

static_assert(metric_of<rmse, float> && metric_of<mae, float>);

}  // namespace petra::metric
