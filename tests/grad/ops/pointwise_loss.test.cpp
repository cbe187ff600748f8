#include "petra/grad/ops/pointwise_loss.hpp"

#include <doctest/doctest.h>

#include "petra/grad/check.hpp"

using doctest::Approx;
using petra::tape;
using petra::tensor;

namespace {

template <class Curve>
double pointwise_value(Curve const& c, std::initializer_list<float> x, std::initializer_list<float> z) {
  tape<float> t;
  tensor<float> const outputs(petra::shape(1, static_cast<petra::index_t>(x.size())), x), target(outputs.shape(), z);
  return static_cast<double>(*t.value(petra::ops::pointwise_loss(t, t.constant(outputs), target.data(), c)));
}

// Of the curve in double, against central differences, from -3 to 3 but for kinks.
template <class Curve>
double pointwise_slope_error(Curve const& c, double z, double kink) {
  double worst = 0;
  for (double x = -3.01; x < 3; x += 0.07) {
    if (std::abs(std::abs(x - z) - kink) < 1e-4) continue;
    double const numeric = (c.value(x + 1e-6, z) - c.value(x - 1e-6, z)) / 2e-6;
    worst = std::max(worst, std::abs(numeric - c.slope(x, z)));
  }
  return worst;
}

}  // namespace

TEST_CASE("pointwise_loss: values by hand") {
  using namespace petra::ops;
  CHECK(pointwise_value(absolute_error{}, {1, -2, 0}, {0, 0, 3}) == Approx(2));
  CHECK(pointwise_value(huber_error{}, {0.5f, -3}, {0, 0}) == Approx((0.125 + 2.5) / 2));
  CHECK(pointwise_value(huber_error{2}, {1, -3}, {0, 0}) == Approx((0.5 + 4) / 2));
  CHECK(pointwise_value(logistic_error{}, {0, 0}, {1, 0}) == Approx(std::log(2.)));
  CHECK(pointwise_value(logistic_error{}, {std::log(3.f)}, {0.25f}) ==
        Approx(-(0.25 * std::log(0.75) + 0.75 * std::log(0.25))));
  // k = 2 d / N. balance 2, N 4: d = 1: k^2 = 1/4, weight 2 / 1.25; d = 4: k^2 = 4, weight 4 / 5.
  CHECK(pointwise_value(reweighted_square{4, 2}, {1, 4}, {0, 0}) == Approx((1.6 + 16 * 0.8) / 2));
  // balance 1/2, N 2: d = 1/2: k^2 = 1/4 < 1/2, weight 1 / 1.25; d = 1: k^2 = 1, weight 2 / 2.
  CHECK(pointwise_value(reweighted_square{2, 0.5f}, {0.5f, 1}, {0, 0}) == Approx((0.25 * 0.8 + 1) / 2));
}

TEST_CASE("pointwise_loss: far out nothing overflows") {
  CHECK(pointwise_value(petra::ops::logistic_error{}, {1000, -1000}, {0, 0}) == Approx(500));
  CHECK(petra::ops::logistic_error{}.slope(-1000.f, 1.f) == -1);
  CHECK(petra::ops::logistic_error{}.slope(1000.f, 1.f) == 0);
}

TEST_CASE("pointwise_loss: slopes of the curves against central differences") {
  using namespace petra::ops;
  CHECK(pointwise_slope_error(absolute_error{}, 0.3, 0) < 1e-6);
  CHECK(pointwise_slope_error(huber_error{0.7f}, 0.3, static_cast<double>(0.7f)) < 1e-6);
  CHECK(pointwise_slope_error(logistic_error{}, 0.3, -1) < 1e-6);
  for (float const balance : {0.5f, 1.f, 2.f})  // the kink: a k^2 = b
    CHECK(pointwise_slope_error(reweighted_square{1.5, balance}, 0.3, 0.75 * std::sqrt(static_cast<double>(balance))) <
          1e-6);
}
