#include "petra/nn/weight/grid.hpp"

#include <doctest/doctest.h>

using petra::index_t;
using petra::tensor;
using petra::var;
using petra::nn::affine_grid;
using petra::nn::no_grid;

TEST_CASE("affine_grid: weights are symmetric with one scale per row, in [-127, 127]") {
  affine_grid<8> g{tensor<float>({1, 2}, {1, 0.5f})};
  tensor<float> const w({2, 3}, {1.4f, -1.6f, 500, 1.4f, -0.3f, -500});
  petra::tape<float> t;
  var const y = g.weight(t, t.constant(w));
  float const wanted[] = {1, -2, 127, 1.5f, -0.5f, -63.5f};
  for (index_t i = 0; i < 6; ++i) CHECK(t.value(y)[i] == wanted[i]);
}

TEST_CASE("affine_grid: inputs have one scale and zero point, in [-128, 127]") {
  affine_grid<8> g;
  g.input_scale = 0.1f;
  g.input_zero = -100;
  tensor<float> const x({1, 4}, {0, 0.26f, 100, -100});
  petra::tape<float> t;
  var const y = g.input(t, t.constant(x));
  CHECK(t.value(y)[0] == 0);
  CHECK(t.value(y)[1] == doctest::Approx(0.3));
  CHECK(t.value(y)[2] == doctest::Approx(22.7));
  CHECK(t.value(y)[3] == doctest::Approx(-2.8));
}

TEST_CASE("affine_grid: rows of the weight take their scales along, columns do not matter") {
  affine_grid<8> const g{tensor<float>({1, 3}, {1, 2, 3}), 0.5f, 7};
  index_t const rows[] = {2, 0};
  CHECK(g.keep_rows(rows).weight_scale == tensor<float>({1, 2}, {3, 1}));
  CHECK(g.keep_rows(rows).input_zero == 7);
  CHECK(g.keep_cols(rows).weight_scale == g.weight_scale);
}

TEST_CASE("no_grid: what it is given") {
  no_grid g;
  petra::tape<float> t;
  tensor<float> const w({1, 1}, {0.123f});
  var const v = t.constant(w);
  CHECK(g.weight(t, v).id == v.id);
  CHECK(g.input(t, v).id == v.id);
}

static_assert(no_grid::bits == 32 && affine_grid<8>::bits == 8 && affine_grid<8>::weight_limit == 127);

TEST_CASE("affine_grid: other scales than rows are an error") {
  petra::nn::affine_grid<8> g{petra::tensor<float>({1, 1}, {0.5f})};
  petra::tape<float> t;
  petra::tensor<float> const w({2, 3});
  CHECK_THROWS_WITH_AS(g.weight(t, t.constant(w)), "grid: expected 2 weight scales, one per output, found 1",
                       petra::shape_error);
}
