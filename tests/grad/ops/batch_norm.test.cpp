#include "petra/grad/ops/batch_norm.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "petra/grad/check.hpp"

using doctest::Approx;
using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

namespace {

// Columns 1 3 5 7 (mean 4, variance 5) and 2 2 2 10 (mean 4, variance 12).
tensor<float> const x({4, 2}, {1, 2, 3, 2, 5, 2, 7, 10});
tensor<float> const weight({1, 2}, {2, 3}), beta({1, 2}, {10, 20});

}  // namespace

TEST_CASE("batch_norm: in training the statistics are the batch's, and the running ones move towards them") {
  tape<float> t;
  float mean[] = {1, 1}, variance[] = {2, 2};
  var const y =
      petra::ops::batch_norm(t, t.constant(x), t.constant(weight), t.constant(beta), mean, variance, 0.25f, 1e-3f);
  for (index_t i = 0; i < 8; ++i) {
    float const var = i % 2 == 0 ? 5.f : 12.f;
    CHECK(t.value(y)[i] == Approx(weight[i % 2] * (x[i] - 4) / std::sqrt(var + 1e-3f) + beta[i % 2]));
  }
  CHECK(mean[0] == Approx(1 + 0.25 * 3));
  CHECK(mean[1] == Approx(1 + 0.25 * 3));
  // The unbiased variance: n / (n - 1) times the biased one.
  CHECK(variance[0] == Approx(2 + 0.25 * (5 * 4 / 3. - 2)).epsilon(1e-4));
  CHECK(variance[1] == Approx(2 + 0.25 * (12 * 4 / 3. - 2)).epsilon(1e-4));
}

TEST_CASE("batch_norm: otherwise the running statistics are used and left alone") {
  for (bool const frozen : {true, false}) {
    tape<float> t;
    t.training = frozen;
    float mean[] = {1, 2}, variance[] = {4, 9};
    var const y = petra::ops::batch_norm(t, t.constant(x), t.constant(weight), t.constant(beta), mean, variance, 0.25f,
                                         0, frozen);
    for (index_t i = 0; i < 8; ++i)
      CHECK(t.value(y)[i] == Approx(i % 2 == 0 ? 2 * (x[i] - 1) / 2 + 10 : 3 * (x[i] - 2) / 3 + 20));
    CHECK(mean[0] == 1);
    CHECK(variance[1] == 9);
  }
}

TEST_CASE("batch_norm: inputs that want no gradient cost none") {
  tape<float> t;
  float mean[2] = {}, variance[2] = {1, 1};
  tensor<float> g = weight;
  var const c = t.constant(x), p = t.parameter(g);
  var const y = petra::ops::batch_norm(t, c, p, t.constant(beta), mean, variance, 0.1f, 1e-3f);
  // Contract by an op that passes a gradient of 1 on.
  struct sum_op {
    void forward(tape<float>& tp, petra::node<float> const& n) const {
      *n.value = 0;
      for (index_t i = 0; i < 8; ++i) *n.value += static_cast<float>(i) * tp.value(n.in[0])[i];
    }
    void pullback(tape<float>& tp, petra::node<float> const& n) const {
      float* const to = tp.add_to(n.in[0]);
      for (index_t i = 0; i < 8; ++i) to[i] += static_cast<float>(i) * *n.grad;
    }
  };
  t.backward(t.push(sum_op{}, {1}, {y, var{}, var{}, var{}}));
  CHECK(t[c].grad == nullptr);
  REQUIRE(t[p].grad != nullptr);
  // d/dgamma_0 = sum_i w_i xhat_i0 with w = 0, 2, 4, 6 and xhat = (-3, -1, 1, 3) / sqrt(5)
  CHECK(t[p].grad[0] == Approx((0 - 2 + 4 + 18) / std::sqrt(5.001)).epsilon(1e-4));
}

TEST_CASE("batch_norm: one row has no variance, and nothing becomes infinite") {
  tape<float> t;
  float mean[2] = {}, variance[2] = {1, 1};
  tensor<float> const row({1, 2}, {5, -7});
  var const y =
      petra::ops::batch_norm(t, t.constant(row), t.constant(weight), t.constant(beta), mean, variance, 0.5f, 1e-3f);
  CHECK(t.value(y)[0] == Approx(10));
  CHECK(t.value(y)[1] == Approx(20));
  CHECK(mean[1] == Approx(-3.5));
  CHECK(variance[0] == Approx(0.5).epsilon(1e-3));
}

TEST_CASE("batch_norm: gradients with running statistics") {
  float mean[] = {0.3f, -1}, variance[] = {0.5f, 2};
  double const worst = petra::gradient_error([&](tape<double>& t) {
    petra::random r(4);
    var const a = petra::ops::draw(t, r, {5, 2}), g = petra::ops::draw(t, r, {1, 2}),
              b = petra::ops::draw(t, r, {1, 2});
    return petra::ops::batch_norm(t, a, g, b, mean, variance, 0.1f, 1e-3f, true);
  });
  CHECK(worst < 1e-6);
}

TEST_CASE("batch_norm: other channels are an error") {
  tape<float> t;
  float running[6] = {};
  tensor<float> const three({1, 3});
  CHECK(petra_test::thrown<petra::shape_error>([&] {
          petra::ops::batch_norm(t, t.constant(x), t.constant(three), t.constant(three), running, running + 3, 0.1f,
                                 1e-3f);
        }) == "batch_norm: expected 3 channels, found 2");
}
