#include "petra/grad/ops/learned_quantize.hpp"

#include <doctest/doctest.h>

#include "petra/grad/ops/add.hpp"
#include "petra/grad/ops/fake_quantize.hpp"

using doctest::Approx;
using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

namespace {

// Gradients of the sum of y with weights 1, 2, 3, ... : an mse against zero is avoided, the op alone is looked at.
struct weigh_all {
  void forward(tape<float>& t, petra::node<float> const& y) const {
    *y.value = 0;
    for (index_t i = 0; i < t.shape(y.in[0]).count(); ++i)
      *y.value += static_cast<float>(i + 1) * t.value(y.in[0])[i];
  }
  void pullback(tape<float>& t, petra::node<float> const& y) const {
    float* const g = t.add_to(y.in[0]);
    for (index_t i = 0; i < t.shape(y.in[0]).count(); ++i) g[i] += static_cast<float>(i + 1) * *y.grad;
  }
};

}  // namespace

TEST_CASE("learned_quantize: values are those of fake_quantize") {
  tensor<float> const x({2, 3}, {1.4f, -1.6f, 500, 0.7f, 0.25f, -500});
  float const scale[] = {1, 0.5f};
  tensor<float> step({1, 2}, {1, 0.5f});
  tape<float> t;
  var const a = petra::ops::learned_quantize(t, t.constant(x), t.parameter(step), true, 0, -127, 127, 3);
  var const b = petra::ops::fake_quantize(t, t.constant(x), scale, true, 0, -127, 127);
  for (index_t i = 0; i < 6; ++i) CHECK(t.value(a)[i] == t.value(b)[i]);
}

TEST_CASE("learned_quantize: gradients by equation 3") {
  // x / s: 1.4, -1.6, 1000 and 1.4, 0.5, -1000; rounded minus exact: -0.4, -0.4, 7 and -0.4, -0.5, -7.
  tensor<float> x({2, 3}, {1.4f, -1.6f, 1000, 0.7f, 0.25f, -500}), step({1, 2}, {1, 0.5f});
  tape<float> t;
  var const s = t.parameter(step), v = t.parameter(x);
  var const y = petra::ops::learned_quantize(t, v, s, true, 0, -7, 7, 3);
  t.backward(t.push(weigh_all{}, {1}, {y}));
  float const share = 1 / std::sqrt(21.f);
  CHECK(t[s].grad[0] == Approx(share * (-0.4 * 1 - 0.4 * 2 + 7 * 3)));
  CHECK(t[s].grad[1] == Approx(share * (-0.4 * 4 - 0.5 * 5 - 7 * 6)));
  float const wanted[] = {1, 2, 0, 4, 5, 0};
  for (index_t i = 0; i < 6; ++i) CHECK(t[v].grad[i] == wanted[i]);
}

TEST_CASE("learned_quantize: a zero point shifts the ends") {
  // Of [-8, 7] with zero 5: -13 .. 2 steps.
  tensor<float> x({1, 3}, {-20, 0.25f, 20}), step({1, 1}, {1});
  tape<float> t;
  var const s = t.parameter(step), v = t.parameter(x);
  var const y = petra::ops::learned_quantize(t, v, s, false, 5, -8, 7, 7);
  CHECK(t.value(y)[0] == -13);
  CHECK(t.value(y)[1] == 0);
  CHECK(t.value(y)[2] == 2);
  t.backward(t.push(weigh_all{}, {1}, {y}));
  CHECK(t[s].grad[0] == Approx((-13 - 0.25 * 2 + 2 * 3) / 7));
}

TEST_CASE("learned_quantize: consumers of one tensor share the gradient of their steps, others do not") {
  tensor<float> x({1, 4}, {0.3f, 1.2f, -0.8f, 9}), z({1, 4}, {0.1f, 0.2f, 0.3f, 0.4f});
  tensor<float> one({1, 1}, {0.5f}), two({1, 1}, {0.5f}), three({1, 1}, {0.5f});
  tape<float> t;
  var const v = t.parameter(x), a = t.parameter(one), b = t.parameter(two), c = t.parameter(three);
  var const u = petra::ops::learned_quantize(t, v, a, false, 0, -8, 7, 4);
  var const w = petra::ops::learned_quantize(t, v, b, false, 0, -8, 7, 4);
  var const other = petra::ops::learned_quantize(t, t.constant(z), c, false, 0, -8, 7, 4);
  var const sum = petra::ops::add(t, petra::ops::add(t, u, u), petra::ops::add(t, w, other));
  t.backward(t.push(weigh_all{}, {1}, {sum}));
  CHECK(t[a].grad[0] == t[b].grad[0]);
  // Rounded minus exact: 0.4, -0.4, -0.4, 7, three times.
  CHECK(t[a].grad[0] == Approx(3 / std::sqrt(28.) * (0.4 - 0.4 * 2 - 0.4 * 3 + 7 * 4)));
  CHECK(t[c].grad[0] == Approx(1 / std::sqrt(28.) * (-0.2 - 0.4 * 2 + 0.4 * 3 + 0.2 * 4)));
}

TEST_CASE("learned_quantize: other numbers of steps than rows are an error") {
  tensor<float> const x({2, 3});
  tensor<float> step({1, 3}, {1, 1, 1});
  tape<float> t;
  CHECK_THROWS_WITH_AS(petra::ops::learned_quantize(t, t.constant(x), t.parameter(step), true, 0, -7, 7, 3),
                       "learned_quantize: expected 2 steps, found 3", petra::shape_error);
}
