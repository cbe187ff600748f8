#include "petra/grad/ops/unit_rows.hpp"

#include <doctest/doctest.h>

#include "petra/grad/check.hpp"

TEST_CASE("unit_rows: rows of norm 1, zeros stay, gradients") {
  petra::tape<float> t;
  petra::tensor<float> w({2, 2}, {3, 4, 0, 0});
  auto const p = t.parameter(w);
  auto const y = petra::ops::unit_rows(t, p);
  CHECK(t.value(y)[0] == doctest::Approx(0.6));
  CHECK(t.value(y)[1] == doctest::Approx(0.8));
  CHECK(t.value(y)[2] == 0);
  CHECK(petra::gradient_error([](petra::tape<double>& d) {
          petra::random r(5);
          return petra::ops::unit_rows(d, petra::ops::draw(d, r, {4, 3}));
        }) < 1e-8);
}
