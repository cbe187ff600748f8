#include "petra/grad/ops/divergence.hpp"

#include <doctest/doctest.h>

#include "petra/grad/check.hpp"

using doctest::Approx;
using petra::tape;
using petra::tensor;
using petra::ops::divergence;

TEST_CASE("divergence: by hand, zero from oneself, and scaled by the temperature") {
  tape<float> t;
  // Student 1/2, 1/2; teacher 1/4, 3/4.
  tensor<float> const x({1, 2}, {1, 1}), z({1, 2}, {0, std::log(3.f)}), twice({1, 2}, {0, 2 * std::log(3.f)});
  double const wanted = 0.25 * std::log(0.5) + 0.75 * std::log(1.5);
  CHECK(static_cast<double>(*t.value(divergence(t, t.constant(x), z.data(), 1.f))) == Approx(wanted));
  CHECK(static_cast<double>(*t.value(divergence(t, t.constant(x), twice.data(), 2.f))) == Approx(4 * wanted));
  CHECK(std::abs(*t.value(divergence(t, t.constant(z), z.data(), 3.f))) < 1e-6f);
}

TEST_CASE("divergence: large logits do not overflow; the gradient pulls to the teacher") {
  tape<float> t;
  tensor<float> w({1, 2}, {500, -500});
  float const teacher[] = {-500, 500};
  auto const p = t.parameter(w);
  auto const y = divergence(t, p, teacher, 1.f);
  CHECK(*t.value(y) == Approx(1000));
  t.backward(y);
  CHECK(t[p].grad[0] == 1);
  CHECK(t[p].grad[1] == -1);
}

TEST_CASE("divergence: a temperature of 0 is an error") {
  tape<float> t;
  tensor<float> const x({1, 2});
  CHECK_THROWS_WITH_AS(divergence(t, t.constant(x), x.data(), 0.f),
                       "divergence: temperature must be > 0, found 0.000000", petra::setting_error);
}
