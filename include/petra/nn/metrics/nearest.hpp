// Share of samples whose nearest other sample has their label (recall at 1): the metric of embeddings.
#pragma once
#include "petra/nn/metrics/metric.hpp"

namespace petra::inline PETRA_ABI::metric {

// In [0, 1]; by Euclidean distance, of equally near ones the first counts. Cost: N^2 E operations.
struct nearest {
  static constexpr char const* name = "recall at 1";
  static constexpr bool higher_is_better = true;

  // embeddings (N,width). Throws: shape_error unless they are as many as labels and at least two, training_error for one that
  // is not finite.
  [[nodiscard]] double operator()(std::span<float const> embeddings, std::span<std::int32_t const> labels,
                                  index_t width) const {
    auto const n = static_cast<index_t>(labels.size());
    if (n < 2 || width < 1 || static_cast<index_t>(embeddings.size()) != n * width)
      throw_error<shape_error>({name, ": expected an embedding for each label and at least two, found ",
                                embeddings.size(), " numbers and ", n, " labels"});
    for (float const x : embeddings)
      if (!std::isfinite(x))
        throw_error<training_error>(
            {name, ": expected finite embeddings, found ", x, "; lower the learning rate or check the data for NaN"});
    index_t right = 0;
    for (index_t i = 0; i < n; ++i) {
      index_t best = -1;
      float least = 0;
      for (index_t j = 0; j < n; ++j) {
        if (j == i) continue;
        float sum = 0;
        for (index_t k = 0; k < width; ++k) {
          float const d =
              embeddings[static_cast<std::size_t>(i * width + k)] - embeddings[static_cast<std::size_t>(j * width + k)];
          sum += d * d;
        }
        if (best < 0 || sum < least) best = j, least = sum;
      }
      right += labels[static_cast<std::size_t>(best)] == labels[static_cast<std::size_t>(i)];
    }
    return static_cast<double>(right) / static_cast<double>(n);
  }
};

static_assert(metric_of<nearest, std::int32_t>);

}  // namespace petra::metric
