// Share of samples whose label is the largest logit, or among the k largest.
#pragma once
#include "petra/nn/metrics/metric.hpp"

namespace petra::inline PETRA_ABI::metric {

// In [0, 1]. Of equal logits the first counts as the larger one.
struct top_k {
  static constexpr char const* name = "top-k accuracy";
  static constexpr bool higher_is_better = true;

  index_t k = 5;

  // outputs (N,C). Throws: as metric.hpp, and setting_error unless k >= 1.
  [[nodiscard]] double operator()(std::span<float const> outputs, std::span<std::int32_t const> labels,
                                  index_t classes) const {
    check(name, outputs, labels, classes);
    if (k < 1) throw_error<setting_error>({"top_k: k must be >= 1, found ", k});
    index_t right = 0;
    float const* x = outputs.data();
    for (std::int32_t const label : labels) {
      index_t before = 0;
      for (index_t c = 0; c < classes; ++c) before += x[c] > x[label] || (x[c] == x[label] && c < label);
      right += before < k;
      x += classes;
    }
    return static_cast<double>(right) / static_cast<double>(labels.size());
  }
};

struct accuracy {
  static constexpr char const* name = "accuracy";
  static constexpr bool higher_is_better = true;

  [[nodiscard]] double operator()(std::span<float const> outputs, std::span<std::int32_t const> labels,
                                  index_t classes) const {
    return top_k{1}(outputs, labels, classes);
  }
};

static_assert(metric_of<top_k, std::int32_t> && metric_of<accuracy, std::int32_t>);

}  // namespace petra::metric
