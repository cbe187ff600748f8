#include "petra/grad/ops/dropout.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../../thrown.hpp"

using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

namespace {

// 300 x 70 ones after dropout.
std::vector<float> dropped_ones(tape<float>& t, float rate) {
  tensor<float> x({300, 70});
  std::fill(x.begin(), x.end(), 1.f);
  var const y = petra::ops::dropout(t, t.constant(x), rate);
  return {t.value(y), t.value(y) + x.size()};
}

}  // namespace

TEST_CASE("dropout: the share that is asked for, and the others grow") {
  tape<float> t;
  for (float const rate : {0.1f, 0.5f, 0.9f}) {
    t.reset();
    double zeros = 0;
    for (float const v : dropped_ones(t, rate)) {
      if (v == 0)
        ++zeros;
      else
        CHECK(v == doctest::Approx(1 / (1 - rate)).epsilon(1e-4));
    }
    CHECK(zeros / 21000 == doctest::Approx(rate).epsilon(0.05));
  }
}

TEST_CASE("dropout: a function of the key and of the place in the step") {
  tape<float> t;
  t.noise_key = 5;
  auto const first = dropped_ones(t, 0.5f), second = dropped_ones(t, 0.5f);
  CHECK(first != second);
  t.reset();
  CHECK(dropped_ones(t, 0.5f) == first);
  t.reset();
  t.noise_key = 6;
  CHECK(dropped_ones(t, 0.5f) != first);
}

TEST_CASE("dropout: neighbors and rows are independent") {
  tape<float> t;
  auto const x = dropped_ones(t, 0.5f);
  for (std::size_t const apart : {1u, 2u, 3u, 4u, 70u}) {
    double both = 0;
    for (std::size_t i = 0; i + apart < x.size(); ++i) both += x[i] == 0 && x[i + apart] == 0;
    CHECK(both / static_cast<double>(x.size()) == doctest::Approx(0.25).epsilon(0.05));
  }
}

TEST_CASE("dropout: nothing outside training, nothing at rate 0, and a rate of 1 is an error") {
  tape<float> t;
  tensor<float> const x({1, 2}, {1, 2});
  var const v = t.constant(x);
  CHECK(petra::ops::dropout(t, v, 0).id == v.id);
  t.training = false;
  CHECK(petra::ops::dropout(t, v, 0.5f).id == v.id);
  for (float const rate : {1.f, -0.5f, std::nanf("")})
    CHECK(petra_test::says(petra_test::thrown<petra::setting_error>([&] { petra::ops::dropout(t, v, rate); }),
                           "dropout: expected a rate in [0, 1), found "));
}

TEST_CASE("dropout: the gradient passes where the value did") {
  tape<float> t;
  tensor<float> x({1, 500});
  std::fill(x.begin(), x.end(), 3.f);
  var const v = t.variable(x.shape(), x.data()), y = petra::ops::dropout(t, v, 0.25f);
  struct sum_op {
    void forward(tape<float>&, petra::node<float> const& n) const { *n.value = 0; }
    void pullback(tape<float>& tp, petra::node<float> const& n) const {
      float* const g = tp.add_to(n.in[0]);
      for (index_t i = 0; i < 500; ++i) g[i] += 1;
    }
  };
  t.backward(t.push(sum_op{}, {1}, {y}));
  for (index_t i = 0; i < 500; ++i) CHECK(t[v].grad[i] * 3 == doctest::Approx(t.value(y)[i]));
}
