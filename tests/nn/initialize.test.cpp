#include "petra/nn/initialize.hpp"

#include <doctest/doctest.h>

#include "petra/nn/batch_norm.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra::nn;
using doctest::Approx;
using petra::index_t;
using petra::tensor;

TEST_CASE("initialize: normal with variance 2 / fan_in") {
  auto const net = initialize(sequential{conv2d<16, 64>{}, dense<500, 100>{}}, 1);
  auto check = [](tensor<float> const& w, double fan_in) {
    double sum = 0, square = 0, fourth = 0;
    for (float const f : w) {
      double const x = static_cast<double>(f);
      sum += x, square += x * x, fourth += x * x * x * x;
    }
    double const n = static_cast<double>(w.size()), variance = square / n;
    // Standard errors: sqrt(2 / n) of the variance, below 1.5 % here; kurtosis of a normal is 3.
    CHECK(std::abs(sum / n) < 5 * std::sqrt(variance / n));
    CHECK(variance == Approx(2 / fan_in).epsilon(0.06));
    CHECK(fourth / n / (variance * variance) == Approx(3).epsilon(0.15));
  };
  check(get<0>(net.layers).weight.a.w, 144);
  check(get<1>(net.layers).weight.a.w, 500);
}

TEST_CASE("initialize: a function of the seed, of nothing else") {
  auto weights = [](auto const& net) { return get<0>(net.layers).weight.a.w; };
  auto const a = initialize(sequential{dense<4, 5>{}, dense<5, 2>{}}, 1);
  CHECK(weights(a) == weights(initialize(sequential{dense<4, 5>{}, dense<5, 2>{}}, 1)));
  CHECK_FALSE(weights(a) == weights(initialize(sequential{dense<4, 5>{}, dense<5, 2>{}}, 2)));
  // Other layers do not matter, nor do two equal layers share their numbers.
  CHECK(weights(a) == weights(initialize(sequential{dense<4, 5>{}, batch_norm<5>{}, relu{}, dense<5, 7>{}}, 1)));
  auto const twins = initialize(sequential{dense<4, 4>{}, dense<4, 4>{}}, 1);
  CHECK_FALSE(get<0>(twins.layers).weight.a.w == get<1>(twins.layers).weight.a.w);
}

TEST_CASE("initialize: biases and norms are left alone, both factors of a low-rank weight are not") {
  dense<4, 5, low_rank<>> factored;
  factored.weight.v.w = tensor<float>({2, 4});
  factored.weight.u.w = tensor<float>({5, 2});
  factored.bias[0] = 3;
  auto const net = initialize(sequential{factored, batch_norm<5>{}}, 1);
  auto const& [layer, norm] = net.layers;
  CHECK(layer.bias == tensor<float>({1, 5}, {3, 0, 0, 0, 0}));
  CHECK(norm.gamma == tensor<float>({1, 5}, {1, 1, 1, 1, 1}));
  for (auto const* w : {&layer.weight.v.w, &layer.weight.u.w})
    for (float const x : *w) CHECK(x != 0);
}

namespace {

struct two_weights {
  full<> weight = new_weight<full<>>(50, 400), state_weight = new_weight<full<>>(50, 400);
  template <class F>
  void members(F&& f) {
    f("weight", weight);
    f("state_weight", state_weight);
  }
};

}  // namespace

TEST_CASE("initialize: a weight with a name before it has half the variance: no ReLU follows it") {
  auto const layer = initialize(two_weights{}, 1);
  auto const variance = [](tensor<float> const& w) {
    double square = 0;
    for (float const x : w) square += static_cast<double>(x) * static_cast<double>(x);
    return square / static_cast<double>(w.size());
  };
  CHECK(variance(layer.weight.a.w) == doctest::Approx(2. / 400).epsilon(0.05));
  CHECK(variance(layer.state_weight.a.w) == doctest::Approx(1. / 400).epsilon(0.05));
}
