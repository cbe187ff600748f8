#include "petra/nn/metrics/metric.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "../../thrown.hpp"
#include "petra/nn/metrics/accuracy.hpp"
#include "petra/nn/metrics/regression.hpp"

using petra_test::thrown;

namespace {

struct nameless {
  static constexpr bool higher_is_better = true;
  double operator()(std::span<float const>, std::span<std::int32_t const>, petra::index_t) const { return 0; }
};

template <class Answer>
void check_metric(std::vector<float> const& outputs, std::vector<Answer> const& answers, petra::index_t width) {
  petra::metric::check("m", std::span<float const>(outputs), std::span<Answer const>(answers), width);
}

}  // namespace

TEST_CASE("metric: a type without a name, or for numbers, is no metric of classes") {
  static_assert(nameless::higher_is_better && !petra::metric::metric_of<nameless, std::int32_t>);
  static_assert(!petra::metric::metric_of<petra::metric::accuracy, float>);
  static_assert(!petra::metric::metric_of<petra::metric::rmse, std::int32_t>);
  CHECK(petra::metric::better(petra::metric::accuracy{}, 0.6, 0.5));
  CHECK_FALSE(petra::metric::better(petra::metric::accuracy{}, 0.5, 0.5));
  CHECK(petra::metric::better(petra::metric::rmse{}, 0.5, 0.6));
  CHECK_FALSE(petra::metric::better(petra::metric::rmse{}, 0.6, 0.5));
}

TEST_CASE("metric: outputs and answers that do not belong together") {
  using labels = std::vector<std::int32_t>;
  using numbers = std::vector<float>;
  CHECK_NOTHROW(check_metric<std::int32_t>({1, 2, 3, 4}, {0, 1}, 2));
  CHECK_NOTHROW(check_metric<float>({1, 2, 3, 4}, {0, 1, 5, 5}, 2));
  CHECK(thrown<petra::shape_error>([] {
          check_metric({1, 2, 3, 4}, labels{0, 1, 1}, 2);
        }) == "m: expected 2 outputs for each label and at least one sample, found 4 outputs and 3 labels");
  CHECK(thrown<petra::shape_error>([] { check_metric({}, labels{}, 2); }) ==
        "m: expected 2 outputs for each label and at least one sample, found 0 outputs and 0 labels");
  CHECK(thrown<petra::shape_error>([] {
          check_metric({1, 2, 3}, numbers{1, 2, 3}, 2);
        }) ==
        "m: expected 2 outputs for each sample and at least one sample, found 3 outputs and 3 numbers to predict");
  CHECK(thrown<petra::shape_error>([] { check_metric({1}, numbers{1}, 0); }) ==
        "m: expected 0 outputs for each sample and at least one sample, found 1 outputs and 1 numbers to predict");
  CHECK(thrown<petra::shape_error>([] {
          check_metric({1, 2, 3, 4}, labels{0, 2}, 2);
        }) == "m: expected labels in [0, 2), found 2 for sample 1");
  CHECK(thrown<petra::shape_error>([] {
          check_metric({1, 2, 3, 4}, labels{-1, 1}, 2);
        }) == "m: expected labels in [0, 2), found -1 for sample 0");
}

TEST_CASE("metric: outputs that are not finite are an error, never a number") {
  float const inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (float const x : {inf, -inf, nan})
    CHECK(petra_test::says(thrown<petra::training_error>([&] {
                             check_metric({1, 2, 3, x}, std::vector<std::int32_t>{0, 1}, 2);
                           }),
                           "m: expected finite outputs, found ", " for sample 1; lower the learning rate"));
}
