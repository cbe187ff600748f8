#include "petra/grad/ops/conv2d.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "petra/grad/ops/matmul.hpp"
#include "petra/grad/ops/reshape.hpp"

using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

TEST_CASE("conv2d: values by hand: padding, stride, bias") {
  tape<float> t;
  // 3x3 picture 1..9, a cross of ones as kernel.
  tensor<float> x({1, 3, 3, 1});
  tensor<float> const w({1, 9}, {0, 1, 0, 1, 1, 1, 0, 1, 0}), b({1, 1}, {100});
  for (index_t i = 0; i < 9; ++i) x[i] = static_cast<float>(i + 1);
  var const y = petra::ops::conv2d(t, t.constant(x), t.constant(w), t.constant(b), {3, 1, 1, 1});
  CHECK(t.shape(y) == petra::shape(1, 3, 3, 1));
  float const wanted[] = {7, 11, 11, 17, 25, 23, 19, 29, 23};
  for (index_t i = 0; i < 9; ++i) CHECK(t.value(y)[i] == 100 + wanted[i]);
  var const strided = petra::ops::conv2d(t, t.constant(x), t.constant(w), var{}, {3, 2, 1, 1});
  CHECK(t.shape(strided) == petra::shape(1, 2, 2, 1));
  CHECK(t.value(strided)[3] == 23);
  var const valid = petra::ops::conv2d(t, t.constant(x), t.constant(w), var{}, {3, 1, 0, 1});
  CHECK(t.shape(valid) == petra::shape(1, 1, 1, 1));
  CHECK(*t.value(valid) == 25);
}

TEST_CASE("conv2d: groups see their own channels only") {
  tape<float> t;
  // 1x1 picture of 4 channels, two groups of two; w (O, C/groups)
  tensor<float> const x({1, 1, 1, 4}, {1, 2, 3, 4}), w({2, 2}, {10, 100, 10, 100}), depthwise({4, 1}, {1, 2, 3, 4});
  var const y = petra::ops::conv2d(t, t.constant(x), t.constant(w), var{}, {1, 1, 0, 2});
  CHECK(t.value(y)[0] == 210);
  CHECK(t.value(y)[1] == 430);
  var const z = petra::ops::conv2d(t, t.constant(x), t.constant(depthwise), var{}, {1, 1, 0, 4});
  for (index_t i = 0; i < 4; ++i) CHECK(t.value(z)[i] == static_cast<float>((i + 1) * (i + 1)));
}

TEST_CASE("conv2d: a kernel that is no square, dilated, padded unevenly") {
  tape<float> t;
  tensor<float> x({1, 3, 4, 1});
  for (index_t i = 0; i < 12; ++i) x[i] = static_cast<float>(i + 1);
  // 1 x 2, taps two pixels apart, a column of zeros on the left and two on the right.
  tensor<float> const w({1, 2}, {1, 100});
  var const y = petra::ops::conv2d(t, t.constant(x), t.constant(w), var{}, {1, 1, {0, 0, 1, 2}, 1, {1, 2}, 2});
  CHECK(t.shape(y) == petra::shape(1, 3, 5, 1));
  float const first[] = {200, 301, 402, 3, 4};
  for (index_t i = 0; i < 5; ++i) CHECK(t.value(y)[i] == first[i]);
}

TEST_CASE("conv2d: a frozen weight gets no gradient, its input does") {
  tape<float> t;
  tensor<float> w({1, 9}, {0, 0, 0, 0, 2, 0, 0, 0, 0});
  tensor<float> const x({1, 3, 3, 1}), ones({1, 9}, {1, 1, 1, 1, 1, 1, 1, 1, 1});
  var const v = t.variable(x.shape(), x.data()), p = t.parameter(w, true);
  var const y = petra::ops::conv2d(t, v, p, var{}, {3, 1, 1, 1});
  t.backward(petra::ops::matmul(t, petra::ops::reshape(t, y, {1, 9}), t.constant(ones)));
  CHECK(t[p].grad == nullptr);
  for (index_t i = 0; i < 9; ++i) CHECK(t[v].grad[i] == 2);
}

TEST_CASE("conv2d: what does not fit is an error") {
  tape<float> t;
  auto conv = [&](petra::shape x, petra::shape w, petra::ops::conv2d_settings s) {
    tensor<float> const in(x), weight(w);
    return petra_test::thrown<petra::shape_error>(
        [&] { petra::ops::conv2d(t, t.constant(in), t.constant(weight), var{}, s); });
  };
  CHECK(conv({1, 8, 8, 3}, {4, 18}, {}) ==
        "conv2d: expected (N,H,W,2) for a weight of 18 columns, found 4 axes with 3 channels");
  CHECK(petra_test::says(conv({8, 8, 3}, {4, 27}, {}), "found 3 axes"));
  CHECK(petra_test::says(conv({1, 8, 8, 1}, {4, 10}, {}), "a weight of 10 columns"));
  CHECK(
      petra_test::says(conv({1, 8, 8, 4}, {5, 18}, {3, 1, 1, 2}), "a multiple of 2 (groups) output channels, found 5"));
  CHECK(conv({1, 2, 9, 1}, {4, 9}, {3, 1, 0, 1}) == "conv2d: expected a picture of at least 3 x 3 pixels, found 2 x 9");
  CHECK(petra_test::says(conv({1, 2, 9, 1}, {4, 9}, {3, 2, 0, 1}),
                         "at least 3 x 3 pixels"));  // (2 - 3) / 2 + 1 is 1 in integers
  CHECK(conv({1, 1, 1, 1}, {4, 9}, {3, 1, 1, 1}) == "no exception");
}
