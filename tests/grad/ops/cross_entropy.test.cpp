#include "petra/grad/ops/cross_entropy.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

using doctest::Approx;
using petra::tape;
using petra::var;

TEST_CASE("cross_entropy: value and gradient by hand") {
  // Probabilities 1/7, 2/7, 4/7 and 1/2, 1/4, 1/4.
  tape<double> t;
  double const x[] = {0, std::log(2.0), std::log(4.0), std::log(2.0), 0, 0};
  std::int32_t const label[] = {2, 0};
  var const v = t.variable(petra::shape(2, 3), x);
  var const loss = petra::ops::cross_entropy(t, v, label);
  CHECK(*t.value(loss) == Approx((std::log(7.0 / 4) + std::log(2.0)) / 2));
  t.backward(loss);
  double const gradient[] = {1 / 14.0, 2 / 14.0, (4 / 7.0 - 1) / 2, (0.5 - 1) / 2, 0.125, 0.125};
  for (int i = 0; i < 6; ++i) CHECK(t[v].grad[i] == Approx(gradient[i]));
}

TEST_CASE("cross_entropy: smoothing mixes the target with the uniform one") {
  tape<double> t;
  double const x[] = {0, std::log(3.0)};  // probabilities 1/4, 3/4
  std::int32_t const label[] = {0};
  var const v = t.variable(petra::shape(1, 2), x);
  var const loss = petra::ops::cross_entropy(t, v, label, 0.2);
  CHECK(*t.value(loss) == Approx(0.9 * std::log(4.0) + 0.1 * std::log(4.0 / 3)));
  t.backward(loss);
  CHECK(t[v].grad[0] == Approx(0.25 - 0.9));
  CHECK(t[v].grad[1] == Approx(0.75 - 0.1));
}

TEST_CASE("cross_entropy: large logits do not overflow, and NaN is not hidden") {
  tape<float> t;
  float const x[] = {1000, 0, -1000, 1000}, nan[] = {0, std::nanf("")};
  std::int32_t const label[] = {0, 1};
  CHECK(*t.value(petra::ops::cross_entropy(t, t.constant({2, 2}, x), label)) == 0);
  CHECK(std::isnan(*t.value(petra::ops::cross_entropy(t, t.constant({1, 2}, nan), label))));
}

TEST_CASE("cross_entropy: a label without a logit is an error") {
  tape<float> t;
  petra::tensor<float> const x({2, 3});
  for (std::int32_t const bad : {3, -1}) {
    std::int32_t const label[] = {0, bad};
    CHECK(petra_test::thrown<petra::shape_error>([&] { petra::ops::cross_entropy(t, t.constant(x), label); }) ==
          "cross_entropy: expected labels in [0, 3), found " + std::to_string(bad) +
              "; the model needs one output per class of the data");
  }
}
