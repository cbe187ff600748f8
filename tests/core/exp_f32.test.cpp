// core/exp_f32.hpp over all binades of floats, and every float of some, against double.
#include "petra/core/exp_f32.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "ulp.hpp"

namespace {

using namespace petra;
using ulp::f32v;

constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
auto const exp_of = [](f32v x) { return elementary::exp(x); };
auto const sigmoid_of = [](f32v x) { return elementary::sigmoid(x); };

TEST_CASE("exp_f32: 1.5 ulp") {
  float at = 0;
  bool const ok = ulp::everywhere(
      exp_of, [](double x) { return std::exp(x); }, [](double, double y) { return 1.5 * ulp::unit(y); }, at);
  CAPTURE(at);
  CHECK(ok);
}

TEST_CASE("sigmoid_f32: 2.8 ulp") {
  float at = 0;
  bool const ok = ulp::everywhere(
      sigmoid_of, [](double x) { return 1 / (1 + std::exp(-x)); }, [](double, double y) { return 2.8 * ulp::unit(y); },
      at);
  CAPTURE(at);
  CHECK(ok);
}

TEST_CASE("exp_f32, sigmoid_f32: the ends") {
  CHECK(ulp::one(exp_of, 0.f) == 1.f);
  CHECK(ulp::one(exp_of, -0.f) == 1.f);
  CHECK(ulp::one(exp_of, infinity) == infinity);
  CHECK(ulp::one(exp_of, 89.f) == infinity);
  CHECK(ulp::one(exp_of, -infinity) == 0.f);
  CHECK(ulp::one(exp_of, -103.f) == 0x1p-149f);
  CHECK(std::isnan(ulp::one(exp_of, nan)));
  CHECK(ulp::one(sigmoid_of, 0.f) == 0.5f);
  CHECK(ulp::one(sigmoid_of, infinity) == 1.f);
  CHECK(ulp::one(sigmoid_of, -infinity) == 0.f);
  CHECK(std::isnan(ulp::one(sigmoid_of, nan)));
}

TEST_CASE("exp_f32: a rest beside the argument") {
  for (float x = -80.f; x < 80.f; x += 0.37f)
    for (float rest = -0.08f; rest <= 0.08f; rest += 0.01f) {
      double const want = std::exp(static_cast<double>(x) + static_cast<double>(rest));
      float const got = elementary::exp_of_sum(x - f32v{}, rest - f32v{})[0];
      REQUIRE(std::fabs(static_cast<double>(got) - want) <= 1.6 * ulp::unit(want));
    }
}

}  // namespace
