#include "petra/runtime/unit_length_f32.hpp"

#include <doctest/doctest.h>

#include "../kernel/guarded_page.hpp"

TEST_CASE("unit_length_f32: length one, in place too; zeros where there is no direction") {
  using namespace petra;
  guarded::array<float> x(2), y(2);
  x[0] = 3, x[1] = -4;
  rt::unit_length_f32(rt::row_shape{2}, x.data(), y.data());
  CHECK(y[0] == doctest::Approx(0.6f));
  CHECK(y[1] == doctest::Approx(-0.8f));
  rt::unit_length_f32(rt::fixed<rt::row_shape{2}>{}, x.data(), x.data());
  CHECK(x[1] == y[1]);
  x[0] = 1e-13f, x[1] = 0;
  rt::unit_length_f32(rt::row_shape{2}, x.data(), y.data());
  CHECK(y[0] == 0);
}
