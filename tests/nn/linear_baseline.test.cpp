#include "petra/nn/linear_baseline.hpp"

#include <doctest/doctest.h>

#include "../data/scratch_folder.hpp"
#include "petra/data/aggregates.hpp"
#include "petra/data/events.hpp"
#include "petra/data/synthetic_events.hpp"
#include "petra/data/synthetic_text.hpp"
#include "petra/data/text.hpp"
#include "petra/nn/metrics/accuracy.hpp"
#include "petra/nn/metrics/auc.hpp"
#include "petra/nn/metrics/f1.hpp"
#include "petra/nn/metrics/regression.hpp"
#include "petra/nn/predict.hpp"

using namespace petra;

namespace {

#if defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer);
#else
constexpr bool sanitized = false;
#endif

template <class Set, class Metric>
double baseline(Set const& train, Set const& test, Metric const& m) {
  data::aggregates const a(train), b(test);
  auto model = nn::fit_linear(a);
  return nn::evaluate(model, b, m);
}

}  // namespace

TEST_CASE("linear_baseline: least squares find the line") {
  data::target_sequences s;
  s.columns.resize(1);
  s.length = 1;
  s.start.push_back(0);
  petra::random r(1);
  for (index_t i = 0; i < 200; ++i) {
    s.x.push_back(r.normal());
    s.y.push_back(3 * s.x.back() - 1);
    s.start.push_back(i + 1);
  }
  // Mean, least and largest of one step are the step itself; the number of steps is a second bias.
  CHECK(baseline(s, s, metric::rmse{}) < 0.01);
}

TEST_CASE("linear_baseline: samples that are no plain vectors") {
  auto const set = data::synthetic_events({.count = 10});
  CHECK_THROWS_WITH_AS(
      static_cast<void>(nn::fit_linear(set)),
      "fit_linear: expected samples that are plain vectors, found rank 2; data::aggregates makes vectors of "
      "sequences",
      shape_error);
}

TEST_CASE("linear_baseline: what it makes of the synthetic sets is as their headers say") {
  auto const train = data::synthetic_events(), test = data::synthetic_events({.seed = 2});
  CHECK(baseline(train, test, metric::accuracy{}) == doctest::Approx(0.62).epsilon(0.03));
  auto const texts = data::synthetic_text(), others = data::synthetic_text({.seed = 2});
  CHECK(baseline(texts, others, metric::accuracy{}) == doctest::Approx(0.69).epsilon(0.03));
}

TEST_CASE("linear_baseline: what it makes of the real sets") {
  if (petra_test::real_data("finance").empty()) return;
  if (sanitized) {
    MESSAGE("skipped: unoptimized and under a sanitizer these trainings take minutes");
    return;
  }
  auto const events = [](char const* name, data::event_settings const& s) {
    return data::load_events(petra_test::real_data(std::string("finance/") + name), s);
  };
  auto const cdnow = events("cdnow", {.label = "churn"});
  CHECK(baseline(cdnow.train, cdnow.test, metric::auc{}) == doctest::Approx(0.807).epsilon(0.002));
  auto const credit = events("credit_default", {.inputs = {.categorical = {"repay_status"},
                                                           .numeric = {"bill_amount", "pay_amount"},
                                                           .logarithmic = {"bill_amount", "pay_amount"}},
                                                .label = "default_next_month"});
  CHECK(baseline(credit.train, credit.test, metric::auc{}) == doctest::Approx(0.749).epsilon(0.002));
  auto const berka = events("berka_1993", {.label = "age_group"});
  CHECK(baseline(berka.train, berka.test, metric::accuracy{}) > 0.46);
  auto const spam = data::load_text(petra_test::real_data("text/sms_spam"), {.words = {.digits = false}});
  CHECK(baseline(spam.train, spam.test, metric::binary_f1{}) > 0.95);
  auto const sst2 = data::load_text(petra_test::real_data("text/sst2"));
  CHECK(baseline(sst2.train, sst2.test, metric::accuracy{}) > 0.81);
}
