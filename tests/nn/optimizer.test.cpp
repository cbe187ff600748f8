#include "petra/nn/optimizer.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../thrown.hpp"

using doctest::Approx;
using petra::index_t;
using petra::tensor;
using petra::nn::optimizer;

namespace {

// Two steps with gradients 1 and -0.5 from a 2x2 matrix (or a 1x4 row) of ones.
template <class Settings>
tensor<float> two_steps(Settings const& s, petra::shape shape, float rate) {
  tensor<float> w(shape, {1, 1, 1, 1});
  float const first[] = {1, 1, 1, 1}, second[] = {-0.5f, -0.5f, -0.5f, -0.5f};
  optimizer o{s};
  o.begin_step();
  o.update(w, first, rate);
  o.begin_step();
  o.update(w, second, rate);
  CHECK(o.steps() == 2);
  return w;
}

}  // namespace

TEST_CASE("sgd: steps by hand") {
  // Plain: 1 - 0.1 * 1 + 0.1 * 0.5.
  CHECK(two_steps(petra::sgd{.momentum = 0, .weight_decay = 0, .nesterov = false}, {2, 2}, 0.1f)[3] == Approx(0.95));
  // Velocities 1 and 0.9 - 0.5 = 0.4.
  CHECK(two_steps(petra::sgd{.momentum = 0.9f, .weight_decay = 0, .nesterov = false}, {2, 2}, 0.1f)[0] ==
        Approx(1 - 0.1 - 0.04));
  // Nesterov: d + momentum * velocity = 1 + 0.9, then -0.5 + 0.36.
  CHECK(two_steps(petra::sgd{.momentum = 0.9f, .weight_decay = 0}, {2, 2}, 0.1f)[0] == Approx(1 - 0.19 + 0.014));
  // Decay: gradients 1 + 0.5 * 1 = 1.5, then -0.5 + 0.5 * 0.85.
  CHECK(two_steps(petra::sgd{.momentum = 0, .weight_decay = 0.5f, .nesterov = false}, {2, 2}, 0.1f)[0] ==
        Approx(0.85 - 0.1 * (-0.5 + 0.425)));
}

TEST_CASE("weight decay leaves rows (biases, norms) alone") {
  petra::sgd const s{.momentum = 0, .weight_decay = 0.5f, .nesterov = false};
  CHECK(two_steps(s, {1, 4}, 0.1f)[0] == Approx(0.95));
  petra::adam const with{.weight_decay = 0.5f}, without{};
  CHECK(two_steps(with, {1, 4}, 0.1f) == two_steps(without, {1, 4}, 0.1f));
  CHECK_FALSE(two_steps(with, {2, 2}, 0.1f) == two_steps(without, {2, 2}, 0.1f));
}

TEST_CASE("adam: steps by hand") {
  // First: both corrected moments are 1, so w = 1 - 0.1. Second, by the paper's algorithm 1:
  double const m = 0.9 * 0.1 + 0.1 * -0.5, v = 0.999 * 0.001 + 0.001 * 0.25;
  double const step = 0.1 * (m / (1 - 0.81)) / (std::sqrt(v / (1 - 0.998001)) + 1e-8);
  CHECK(two_steps(petra::adam{}, {2, 2}, 0.1f)[0] == Approx(0.9 - step).epsilon(1e-5));
  // Decoupled decay: w -= lr * decay * w, on top.
  double const once = 1 - 0.1 * (1 + 0.5 * 1);
  CHECK(two_steps(petra::adamw{.weight_decay = 0.5f}, {2, 2}, 0.1f)[0] ==
        Approx(once - step - 0.1 * 0.5 * once).epsilon(1e-5));
  // Coupled decay is a part of the gradient: the first step is as long.
  CHECK(two_steps(petra::adam{.weight_decay = 0.5f}, {2, 2}, 0.1f)[0] > 0.8 - 1e-6);
  CHECK(two_steps(petra::adamw{.weight_decay = 0}, {2, 2}, 0.1f) == two_steps(petra::adam{}, {2, 2}, 0.1f));
}

TEST_CASE("rmsprop: steps by hand") {
  // Squares 0.01 and 0.0124; steps 1 / 0.1 and -0.5 / sqrt(0.0124).
  petra::rmsprop const s{};
  CHECK(two_steps(s, {2, 2}, 0.1f)[2] == Approx(1 - 0.1 * (10 - 0.5 / std::sqrt(0.0124))).epsilon(1e-5));
  CHECK(two_steps(petra::rmsprop{.momentum = 0.5f}, {2, 2}, 0.1f)[2] ==
        Approx(1 - 0.1 * (10 + 5 - 0.5 / std::sqrt(0.0124))).epsilon(1e-5));
}

TEST_CASE("optimizer: decay of a group in place of the settings', for rows, too") {
  tensor<float> w({1, 2}, {1, 1});
  float const g[] = {0, 0};
  optimizer o{petra::sgd{.momentum = 0, .weight_decay = 0.5f, .nesterov = false}};
  o.begin_step();
  o.update(w, g, 0.1f);
  CHECK(w[0] == 1);
  o.begin_step();
  o.update(w, g, 0.1f, 0.25f);
  CHECK(w[0] == Approx(1 - 0.1 * 0.25));
  tensor<float> m({2, 1}, {1, 1});
  o.update(m, g, 0.1f, 0.f);
  CHECK(m[0] == 1);
}

TEST_CASE("optimizer: pieces of large tensors, the same bits in any order") {
  // Two workers that take the pieces from the back.
  petra::workers const backward{.count = 2, .run = [](void const*, index_t pieces, void const* task, auto f) {
                                  for (index_t i = pieces; i-- > 0;) f(task, i, static_cast<int>(i % 2));
                                }};
  constexpr index_t n = 100'001;
  tensor<float> g({1, n});
  for (index_t i = 0; i < n; ++i) g[i] = static_cast<float>(i % 17) - 8;
  for (petra::optimizer_settings const& s :
       {petra::optimizer_settings(petra::sgd{}), petra::optimizer_settings(petra::adam{}),
        petra::optimizer_settings(petra::rmsprop{.momentum = 0.5f})}) {
    tensor<float> a({n, 1}), b({n, 1});
    optimizer alone{s}, shared{s};
    for (int step = 0; step < 2; ++step) {
      alone.begin_step();
      alone.update(a, g.data(), 0.1f);
      shared.begin_step();
      shared.update(b, g.data(), 0.1f, {}, backward);
    }
    CHECK(a == b);
    CHECK(a[n - 1] != 0);
  }
}

TEST_CASE("optimizer: every tensor has moments of its own, in the order of the calls") {
  tensor<float> a({2, 2}), b({3, 1});
  float const one[] = {1, 1, 1, 1}, two[] = {2, 2, 2};
  optimizer o{petra::sgd{.momentum = 0.5f, .weight_decay = 0, .nesterov = false}};
  for (int i = 0; i < 2; ++i) {
    o.begin_step();
    o.update(a, one, 1);
    o.update(b, two, 1);
  }
  REQUIRE(o.state().size() == 2);
  CHECK(o.state()[0].first[3] == 1.5f);
  CHECK(o.state()[1].first[2] == 3);
  CHECK(o.state()[0].second.empty());
  CHECK(a[0] == -2.5f);
  CHECK(b[0] == -5);
}

TEST_CASE("optimizer: moments of another model are an error") {
  tensor<float> a({2, 2}), b({3, 1});
  float const g[4] = {};
  optimizer o{petra::adam{}};
  o.begin_step();
  o.update(a, g, 1);
  o.begin_step();
  CHECK(petra_test::thrown<petra::shape_error>([&] { o.update(b, g, 1); }) ==
        "optimizer: expected moments of 3 elements for tensor 0, found 4 and 4; does the checkpoint belong to another "
        "model?");
}
