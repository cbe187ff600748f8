#include "petra/grad/ops/activation.hpp"

#include <doctest/doctest.h>

#include "petra/grad/check.hpp"

using petra::index_t;
using petra::tape;
using petra::var;
namespace activations = petra::kernel::activations;

TEST_CASE("activation: values and gradients by hand, kinks included") {
  tape<double> t;
  double const x[] = {-4, -3, -1, 0, 1, 3, 4, 6, 7};
  auto check = [&]<class F>(F f, std::initializer_list<double> values, std::initializer_list<double> slopes) {
    t.reset();
    var const v = t.variable(petra::shape(1, 9), x), y = petra::ops::activate(t, v, f);
    // Summed by an average of nine times itself.
    for (index_t i = 0; i < 9; ++i) CHECK(t.value(y)[i] == doctest::Approx(values.begin()[i]));
    double const nines[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct sum_op {
      double const* w;
      void forward(tape<double>& tp, petra::node<double> const& n) const {
        *n.value = 0;
        for (index_t i = 0; i < 9; ++i) *n.value += w[i] * tp.value(n.in[0])[i];
      }
      void pullback(tape<double>& tp, petra::node<double> const& n) const {
        for (index_t i = 0; i < 9; ++i) tp.add_to(n.in[0])[i] += w[i] * *n.grad;
      }
    };
    t.backward(t.push(sum_op{nines}, {1}, {y}));
    for (index_t i = 0; i < 9; ++i) CHECK(t[v].grad[i] == doctest::Approx(slopes.begin()[i]));
  };
  check(activations::relu6{}, {0, 0, 0, 0, 1, 3, 4, 6, 6}, {0, 0, 0, 0, 1, 1, 1, 0, 0});
  check(activations::hard_swish{}, {0, 0, -1. / 3, 0, 2. / 3, 3, 4, 6, 7}, {0, 0, 1. / 6, 0.5, 5. / 6, 1, 1, 1, 1});
  check(activations::leaky_relu{0.25f}, {-1, -0.75, -0.25, 0, 1, 3, 4, 6, 7}, {.25, .25, .25, .25, 1, 1, 1, 1, 1});
  double const s1 = 1 / (1 + std::exp(-1.)), s3 = 1 / (1 + std::exp(-3.)), s4 = 1 / (1 + std::exp(-4.)),
               s6 = 1 / (1 + std::exp(-6.)), s7 = 1 / (1 + std::exp(-7.));
  check(activations::sigmoid{}, {1 - s4, 1 - s3, 1 - s1, 0.5, s1, s3, s4, s6, s7},
        {s4 * (1 - s4), s3 * (1 - s3), s1 * (1 - s1), 0.25, s1 * (1 - s1), s3 * (1 - s3), s4 * (1 - s4), s6 * (1 - s6),
         s7 * (1 - s7)});
}

TEST_CASE("activation: any shape, and the same bits whatever pieces there are") {
  petra::random r(1);
  tape<float> t;
  index_t const rows = 5000, c = 17;
  var const x = petra::ops::draw(t, r, {rows, c});
  var const y = petra::ops::activate<activations::gelu>(t, x);
  CHECK(t.shape(y) == petra::shape(rows, c));
  float one = 0;
  for (index_t const i : {index_t{0}, index_t{4711}, rows * c - 1}) {
    petra::kernel::activate<activations::gelu>(petra::kernel::best, 1, t.value(x) + i, &one);
    CHECK(t.value(y)[i] == one);
  }
}
