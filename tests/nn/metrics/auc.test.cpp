#include "petra/nn/metrics/auc.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "petra/core/random.hpp"

using namespace petra;

namespace {

// The definition: pairs of a positive and a negative sample, ties half.
double auc_of_pairs(std::vector<double> const& score, std::vector<char> const& positive) {
  double right = 0, pairs = 0;
  for (std::size_t i = 0; i < score.size(); ++i)
    for (std::size_t j = 0; j < score.size(); ++j)
      if (positive[i] && !positive[j]) {
        pairs += 1;
        right += score[i] > score[j] ? 1 : score[i] < score[j] ? 0 : 0.5;
      }
  return right / pairs;
}

}  // namespace

TEST_CASE("auc: perfect, reversed, all the same") {
  std::vector<std::int32_t> const labels{0, 0, 1, 1};
  std::vector<float> const right{0, 1, 0, 2, 0, 3, 0, 4}, wrong{0, 4, 0, 3, 0, 2, 0, 1}, same(8, 1.f);
  CHECK(metric::auc{}(right, labels, 2) == 1);
  CHECK(metric::auc{}(wrong, labels, 2) == 0);
  CHECK(metric::auc{}(same, labels, 2) == 0.5);
  // The difference of the logits counts, not the second one.
  CHECK(metric::auc{}(std::vector<float>{9, 9, 8, 9, 1, 3, 0, 4}, labels, 2) == 1);
  CHECK(metric::auc{.positive = 0}(right, labels, 2) == 1);
  // No exponential of a large difference is taken.
  CHECK(metric::auc{}(std::vector<float>{0, 1000, 0, 1001, 0, 2000, 0, 2001}, labels, 2) == 1);
}

TEST_CASE("auc: ranks with ties give what the pairs give") {
  petra::random r(1);
  for (index_t const n : {2, 3, 10, 200}) {
    std::vector<double> score;
    std::vector<char> positive;
    for (index_t i = 0; i < n; ++i) {
      positive.push_back(i == 0 || (i > 1 && r.index(3) == 0));
      score.push_back(static_cast<double>(r.index(n / 2 + 1) + positive.back()));
    }
    CHECK(metric::auc_of_scores(score, positive) == doctest::Approx(auc_of_pairs(score, positive)).epsilon(1e-12));
  }
}

TEST_CASE("auc: one class against the others") {
  // Odds of class 2: with equal others its logit decides, a large other logit takes them away.
  std::vector<float> const x{0, 0, 3, 9, 0, 4, 0, 0, 2, 0, 0, 1};
  CHECK(metric::auc{.positive = 2}(x, std::vector<std::int32_t>{2, 0, 2, 1}, 3) == 1);
  CHECK(metric::auc{.positive = 2}(x, std::vector<std::int32_t>{0, 2, 1, 2}, 3) == 0);
}

TEST_CASE("auc: of one class it is an error, not NaN") {
  std::vector<float> const x{0, 1, 0, 2};
  auto const of = [&](std::vector<std::int32_t> const& labels, metric::auc m = {}, index_t classes = 2) {
    return petra_test::thrown<setting_error>([&] { static_cast<void>(m(x, labels, classes)); });
  };
  CHECK(of({1, 1}) ==
        "auc: expected samples of both kinds, found 2 positive and 0 negative ones; AUC is not defined for "
        "one class");
  CHECK(of({0, 0}) ==
        "auc: expected samples of both kinds, found 0 positive and 2 negative ones; AUC is not defined for "
        "one class");
  CHECK(of({0, 0, 0, 0}, {.positive = 0}, 1) ==
        "auc: expected at least two classes and positive among them, found 1 classes and positive = 0");
  CHECK(of({0, 1}, {.positive = 2}) ==
        "auc: expected at least two classes and positive among them, found 2 classes and positive = 2");
}
