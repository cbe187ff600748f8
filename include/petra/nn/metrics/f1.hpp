// F1: the harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN).
// Source: van Rijsbergen, "Information Retrieval", 2nd ed. 1979, chapter 7.
#pragma once
#include "petra/nn/metrics/confusion.hpp"

namespace petra::inline PETRA_ABI::metric {

// Of one class. Pre: the class occurs among labels or predictions.
[[nodiscard]] inline double f1_of(confusion_matrix const& m, index_t c) {
  index_t const occurs = m.labeled(c) + m.predicted(c);
  expects(occurs > 0, "f1_of: a class that does not occur");
  return 2 * static_cast<double>(m(c, c)) / static_cast<double>(occurs);
}

// Of the class `positive`. Throws: as metric.hpp, setting_error when no label is positive.
struct binary_f1 {
  static constexpr char const* name = "F1";
  static constexpr bool higher_is_better = true;

  index_t positive = 1;

  [[nodiscard]] double operator()(std::span<float const> outputs, std::span<std::int32_t const> labels,
                                  index_t classes) const {
    if (positive < 0 || positive >= classes)
      throw_error<setting_error>({"binary_f1: positive must lie in [0, ", classes, "), found ", positive});
    confusion_matrix const m = confusion(outputs, labels, classes);
    if (m.labeled(positive) == 0)
      throw_error<setting_error>({"binary_f1: expected at least one sample of class ", positive, ", found none of ",
                                  labels.size(), "; F1 is not defined without one"});
    return f1_of(m, positive);
  }
};

// Mean over the classes that occur among labels or predictions; each counts the same.
struct macro_f1 {
  static constexpr char const* name = "macro F1";
  static constexpr bool higher_is_better = true;

  [[nodiscard]] double operator()(std::span<float const> outputs, std::span<std::int32_t const> labels,
                                  index_t classes) const {
    confusion_matrix const m = confusion(outputs, labels, classes);
    double sum = 0;
    index_t seen = 0;
    for (index_t c = 0; c < classes; ++c)
      if (m.labeled(c) + m.predicted(c) > 0) sum += f1_of(m, c), ++seen;
    return sum / static_cast<double>(seen);
  }
};

static_assert(metric_of<binary_f1, std::int32_t> && metric_of<macro_f1, std::int32_t>);

}  // namespace petra::metric
