// Area under the ROC curve: the probability that a positive sample has a higher score than a negative one, ties counted
// half. Computed from ranks (the Mann-Whitney statistic), n log n.
// Source: Hanley, McNeil, "The meaning and use of the area under a ROC curve", Radiology 143, 1982.
#pragma once
#include <algorithm>
#include <vector>

#include "petra/core/order.hpp"
#include "petra/nn/metrics/metric.hpp"

namespace petra::inline PETRA_ABI::metric {

// Of scores (N) against positive (N). Throws: setting_error when only one of the two kinds is there.
template <class = void>
[[nodiscard, gnu::cold]] double auc_of_scores(std::span<double const> score, std::span<char const> positive) {
  expects(score.size() == positive.size(), "auc_of_scores: one score for each sample");
  std::vector<index_t> const order = ascending(score);
  double rank_sum = 0;  // of the positive ones; equal scores share the mean of their ranks
  index_t positives = 0;
  for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
    index_t among = 0;
    double const s = score[static_cast<std::size_t>(order[first])];
    for (end = first; end < order.size() && !(s < score[static_cast<std::size_t>(order[end])]); ++end)
      among += positive[static_cast<std::size_t>(order[end])] != 0;
    rank_sum += static_cast<double>(among) * 0.5 * static_cast<double>(first + 1 + end);
    positives += among;
  }
  index_t const negatives = static_cast<index_t>(order.size()) - positives;
  if (positives == 0 || negatives == 0)
    throw_error<setting_error>({"auc: expected samples of both kinds, found ", positives, " positive and ", negatives,
                                " negative ones; AUC is not defined for one class"});
  double const p = static_cast<double>(positives), n = static_cast<double>(negatives);
  return (rank_sum - p * (p + 1) / 2) / (p * n);
}

// Of the class `positive` against all others together. The score is the logarithm of the odds: with two classes the
// difference of the logits. Throws: as metric.hpp, setting_error when only one kind is there.
struct auc {
  static constexpr char const* name = "AUC";
  static constexpr bool higher_is_better = true;

  index_t positive = 1;

  [[nodiscard]] double operator()(std::span<float const> outputs, std::span<std::int32_t const> labels,
                                  index_t classes) const {
    check("auc", outputs, labels, classes);
    if (classes < 2 || positive < 0 || positive >= classes)
      throw_error<setting_error>({"auc: expected at least two classes and positive among them, found ", classes,
                                  " classes and positive = ", positive});
    std::vector<double> score(labels.size());
    std::vector<char> is_positive(labels.size());
    float const* x = outputs.data();
    for (std::size_t i = 0; i < labels.size(); ++i, x += classes) {
      is_positive[i] = labels[i] == positive;
      score[i] = static_cast<double>(x[positive]) - rest(x, classes);
    }
    return auc_of_scores({score.data(), score.size()}, {is_positive.data(), is_positive.size()});
  }

 private:
  // Logarithm of the sum of exp(x_c) over all classes but the positive one, from their largest.
  [[nodiscard]] double rest(float const* x, index_t classes) const {
    double largest = -HUGE_VAL, sum = 0;
    for (index_t c = 0; c < classes; ++c)
      if (c != positive) largest = std::max(largest, static_cast<double>(x[c]));
    for (index_t c = 0; c < classes; ++c)
      if (c != positive) sum += std::exp(static_cast<double>(x[c]) - largest);
    return largest + std::log(sum);
  }
};

static_assert(metric_of<auc, std::int32_t>);

}  // namespace petra::metric
