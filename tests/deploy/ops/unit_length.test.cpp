#include "petra/deploy/ops/unit_length.hpp"

#include <doctest/doctest.h>

#include "../alike.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra::nn;

TEST_CASE("lowered unit_length: rows of length one, behind integers too; what has no direction is zero") {
  petra::random r(3);
  auto x = petra_test::noise({6, 5}, r);
  std::fill_n(x.data() + 10, 5, 0.f);
  alike::check_float(unit_length{}, x);
  sequential model{dense<5, 19>{}, unit_length{}};
  alike::randomize(model);
  alike::check_header(alike::check_float(model, x), x, "unit_length_f32");
  alike::check_header(alike::check_int8(model, x), x, "unit_length_s8");
}

TEST_CASE("lowered unit_length: maps are a shape_error") {
  CHECK_THROWS_AS(petra::deploy::lower(unit_length{}, petra::shape(3, 5)), petra::shape_error);
}
