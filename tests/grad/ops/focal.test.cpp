#include "petra/grad/ops/focal.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "petra/grad/check.hpp"
#include "petra/grad/ops/cross_entropy.hpp"

using doctest::Approx;
using petra::tape;
using petra::tensor;
using petra::ops::focal;

TEST_CASE("focal: by hand; gamma 0 is cross-entropy; classes have weights") {
  tensor<float> const x({2, 2}, {0, std::log(3.f), 1, 1});  // probabilities 1/4, 3/4 and 1/2, 1/2
  std::int32_t const label[] = {1, 0};
  float const weight[] = {2, 4};
  tape<float> t;
  auto value = [&](petra::var v) { return static_cast<double>(*t.value(v)); };
  auto const c = t.constant(x);
  CHECK(value(focal(t, c, label, 2.f)) == Approx((0.0625 * std::log(4. / 3) + 0.25 * std::log(2.)) / 2));
  CHECK(value(focal(t, c, label, 0.f)) == Approx(value(petra::ops::cross_entropy(t, c, label))));
  CHECK(value(focal(t, c, label, 1.f, weight)) == Approx((4 * 0.25 * std::log(4. / 3) + 2 * 0.5 * std::log(2.)) / 2));
}

TEST_CASE("focal: gradients of every gamma, and where a sample is surely right") {
  for (double const gamma : {0., 0.5, 1., 3.})
    CHECK(petra::gradient_error([&](tape<double>& t) {
            petra::random r(2);
            static std::int32_t const label[] = {2, 0};
            return focal(t, petra::ops::draw(t, r, {2, 3}), label, gamma);
          }) < 1e-6);
  tape<float> t;
  std::int32_t const label[] = {0};
  tensor<float> w({1, 2}, {200, -200});
  auto const p = t.parameter(w);
  auto const y = focal(t, p, label, 0.5f);
  CHECK(*t.value(y) == 0);
  t.backward(y);
  CHECK(t[p].grad[0] == 0);
  CHECK(t[p].grad[1] == 0);
}

TEST_CASE("focal: wrong labels and settings") {
  tape<float> t;
  tensor<float> const x({1, 2});
  std::int32_t const label[] = {2};
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] { focal(t, t.constant(x), label, 1.f); }),
                         "focal: expected labels in [0, 2), found 2"));
  CHECK(petra_test::says(petra_test::thrown<petra::setting_error>([&] { focal(t, t.constant(x), label, -1.f); }),
                         "gamma must be >= 0, found -1"));
}
