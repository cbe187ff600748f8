#include "petra/grad/ops/fake_quantize.hpp"

#include <doctest/doctest.h>

#include "petra/grad/ops/matmul.hpp"
#include "petra/runtime/quantize.hpp"

using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

TEST_CASE("fake_quantize: one grid, by hand: rounds half to even, clamps at both ends") {
  tape<float> t;
  float const scale = 0.5f;
  // In steps: 0, 0.5, 1.5, 2.5, -0.5, -1.5, 0.98, 200, -200
  tensor<float> const x(petra::shape(9), {0, 0.25f, 0.75f, 1.25f, -0.25f, -0.75f, 0.49f, 100, -100});
  var const y = petra::ops::fake_quantize(t, t.constant(x), &scale, false, 0, -128, 127);
  float const wanted[] = {0, 0, 1, 1, -0.f, -1, 0.5f, 63.5f, -64};
  for (index_t i = 0; i < 9; ++i) CHECK(t.value(y)[i] == wanted[i]);
}

TEST_CASE("fake_quantize: the zero point moves the clamp, not the rounding") {
  tape<float> t;
  float const scale = 2;
  // In steps: 0.5 and 1.5 round to 0 and 2 whatever the zero point; [-128, 127] becomes [-131, 124].
  tensor<float> const x(petra::shape(6), {0, 1, 3, 1000, -1000, -262});
  var const y = petra::ops::fake_quantize(t, t.constant(x), &scale, false, 3, -128, 127);
  float const wanted[] = {0, 0, 4, 248, -262, -262};
  for (index_t i = 0; i < 6; ++i) CHECK(t.value(y)[i] == wanted[i]);
}

TEST_CASE("fake_quantize: what the runtime makes of the same numbers") {
  // Quotients are exact for a power of two, so ties occur and must fall alike.
  float const scale = 0.125f;
  petra::random r(3);
  tensor<float> x(petra::shape(2000));
  for (float& v : x) v = 0.0625f * static_cast<float>(r.index(800) - 400);
  for (int const zero : {-128, -77, 0, 1, 126, 127}) {
    CAPTURE(zero);
    tape<float> t;
    var const y = petra::ops::fake_quantize(t, t.constant(x), &scale, false, static_cast<float>(zero), -128, 127);
    tensor<std::int8_t> q(petra::shape(x.size() + 64));
    petra::rt::quantize(petra::rt::feature_map{1, 1, x.size(), 0}, x.data(), q.data(), scale, zero);
    index_t wrong = 0;
    for (index_t i = 0; i < x.size(); ++i) wrong += t.value(y)[i] != scale * static_cast<float>(q[i] - zero);
    CHECK(wrong == 0);
  }
}

TEST_CASE("fake_quantize: one scale a row, symmetric") {
  tape<double> t;
  float const scale[] = {1, 0.25f};
  double const x[] = {0.6, -1.4, 300, 0.6, -0.1, -300};
  var const y = petra::ops::fake_quantize(t, t.variable({2, 3}, x), scale, true, 0, -127, 127);
  double const wanted[] = {1, -1, 127, 0.5, -0.0, -31.75};
  for (index_t i = 0; i < 6; ++i) CHECK(t.value(y)[i] == wanted[i]);
}

TEST_CASE("fake_quantize: the gradient passes inside the clamp and stops outside") {
  tape<double> t;
  float const scale = 0.5f;
  // Steps with zero 10: 10.2, 137 - the last that fits: 127 - 10 = 117, one beyond, lowest -138, one below.
  double const x[] = {0.1, 58.5, 59, -69, -69.5}, weight[] = {1, 2, 3, 4, 5};
  var const v = t.variable({1, 5}, x);
  var const y = petra::ops::fake_quantize(t, v, &scale, false, 10, -128, 127);
  t.backward(petra::ops::matmul(t, y, t.constant({1, 5}, weight)));
  double const gradient[] = {1, 2, 0, 4, 0};
  for (index_t i = 0; i < 5; ++i) CHECK(t[v].grad[i] == gradient[i]);
}
