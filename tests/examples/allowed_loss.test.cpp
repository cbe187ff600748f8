#include "../../examples/search/allowed_loss.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"

namespace {

petra::report::front_report judged(char const* metric, bool higher_is_better, double baseline) {
  petra::report::front_report r;
  r.metric = metric;
  r.higher_is_better = higher_is_better;
  r.baseline.quality = baseline;
  return r;
}

options losing(double most) {
  options o;
  o.max_loss = most;
  return o;
}

}  // namespace

TEST_CASE("allowed_loss: points of accuracy, the unit of AUC, percent of an error") {
  auto const accuracy = judged("accuracy", true, 0.9), auc = judged("AUC", true, 0.8),
             rmse = judged("RMSE", false, 3.5);
  CHECK(job::allowed_loss({}, accuracy) == 0.01);
  CHECK(job::allowed_loss(losing(2.5), accuracy) == 0.025);
  CHECK(job::allowed_loss({}, auc) == 0.01);
  CHECK(job::allowed_loss(losing(0.02), auc) == 0.02);
  CHECK(job::allowed_loss({}, rmse) == 0.07);
  CHECK(job::allowed_loss(losing(10), rmse) == doctest::Approx(0.35));
}

TEST_CASE("check_max_loss: points where there are none are refused") {
  auto const refused = [](double most, petra::report::front_report const& r) {
    return petra_test::thrown<petra::setting_error>([&] { job::check_max_loss(losing(most), r); });
  };
  CHECK(refused(1, judged("AUC", true, 0)) ==
        "--max-loss: expected a loss of AUC of at most 0.5 (0.01 is usual), found 1.00; only accuracies are in points");
  CHECK_NOTHROW(job::check_max_loss(losing(0.5), judged("AUC", true, 0)));
  CHECK_NOTHROW(job::check_max_loss({}, judged("AUC", true, 0)));
  CHECK_NOTHROW(job::check_max_loss(losing(100), judged("accuracy", true, 0)));
  CHECK_NOTHROW(job::check_max_loss(losing(100), judged("RMSE", false, 0)));
}
