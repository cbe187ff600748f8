#include "petra/nn/weight/int4_grid.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

using petra::index_t;
using petra::tensor;
using petra::var;
using petra::nn::int4_grid;

namespace {

// Two outputs, four inputs in two groups.
int4_grid const grid{tensor<float>({1, 2}, {1, 0.5f}), tensor<float>({2, 2}, {1, 3, 2, 10}), 0.1f, -100};

// All values alike.
tensor<float> filled(petra::shape s, float value) {
  tensor<float> t(s);
  for (float& v : t) v = value;
  return t;
}

}  // namespace

TEST_CASE("int4_grid: weights are symmetric with a scale per group, in [-7, 7]") {
  int4_grid g = grid;
  tensor<float> const w({2, 4}, {1.4f, -8, 4, -100, 1.4f, -0.3f, 14, 100});
  petra::tape<float> t;
  var const y = g.weight(t, t.constant(w));
  CHECK(t.shape(y) == petra::shape(2, 4));
  float const wanted[] = {1, -7, 3, -21, 1, -0.f, 15, 35};  // 4 of 3 is 1.33 steps, 14 of 5 is 2.8
  for (index_t i = 0; i < 8; ++i) CHECK(t.value(y)[i] == wanted[i]);
}

TEST_CASE("int4_grid: one group is one scale per output") {
  int4_grid g{tensor<float>({1, 2}, {1, 0.5f}), filled({2, 1}, 1.f)};
  tensor<float> const w({2, 3}, {1.4f, -8, 100, 1.4f, -0.3f, -500});
  petra::tape<float> t;
  var const y = g.weight(t, t.constant(w));
  float const wanted[] = {1, -7, 7, 1.5f, -0.5f, -3.5f};
  for (index_t i = 0; i < 6; ++i) CHECK(t.value(y)[i] == wanted[i]);
}

TEST_CASE("int4_grid: inputs are int8") {
  int4_grid g = grid;
  tensor<float> const x({1, 4}, {0, 0.26f, 100, -100});
  petra::tape<float> t;
  var const y = g.input(t, t.constant(x));
  float const wanted[] = {0, 0.3f, 22.7f, -2.8f};
  for (index_t i = 0; i < 4; ++i) CHECK(t.value(y)[i] == doctest::Approx(wanted[i]));
}

TEST_CASE("int4_grid: rows take their scales along; columns stay in their groups") {
  index_t const rows[] = {1};
  int4_grid const kept = grid.keep_rows(rows);
  CHECK(kept.weight_scale == tensor<float>({1, 1}, {0.5f}));
  CHECK(kept.group_scale == tensor<float>({1, 2}, {2, 10}));
  CHECK(kept.input_zero == -100);
  CHECK(petra_test::thrown<petra::shape_error>([&] { (void)grid.keep_cols(rows); }) ==
        "int4 grid: expected all inputs to stay, for their 2 groups");
  int4_grid const whole{filled({1, 2}, 1.f), filled({2, 1}, 1.f)};
  CHECK(whole.keep_cols(rows).weight_scale == whole.weight_scale);
}

TEST_CASE("int4_grid: scales that do not fit the weight are errors") {
  petra::tape<float> t;
  auto const said = [&](petra::shape s) {
    int4_grid g = grid;
    tensor<float> const w(s);
    return petra_test::thrown<petra::shape_error>([&] { g.weight(t, t.constant(w)); });
  };
  CHECK(said({2, 4}) == "no exception");
  CHECK(said({2, 5}) == "int4 grid: expected a number of groups that divides 5 inputs, found 2");
  CHECK(said({3, 4}) == "int4 grid: expected 3 weight scales and rows of group scales, one per output, found 2 and 2");
}

static_assert(int4_grid::bits == 4 && int4_grid::weight_limit == 7);
