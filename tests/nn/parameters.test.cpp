#include "petra/nn/parameters.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/sequential.hpp"

using petra::index_t;
using petra::tensor;
using petra::nn::parameter_kind;

TEST_CASE("fits: stars stand for any characters") {
  using petra::nn::fits;
  CHECK(fits("3.*", "3.weight.a.w"));
  CHECK_FALSE(fits("3.*", "13.weight.a.w"));
  CHECK(fits("*.bias", "0.body.2.bias"));
  CHECK_FALSE(fits("*.bias", "0.bias2"));
  CHECK(fits("*body*w", "1.body.0.weight.a.w"));
  CHECK(fits("*", ""));
  CHECK(fits("a**b", "ab"));
  CHECK_FALSE(fits("", "a"));
  CHECK_FALSE(fits("*ab", "abac"));
  CHECK(fits("*ab*ac", "ababac"));
}

TEST_CASE("kind_of: rows, matrices, factors") {
  using petra::nn::kind_of;
  CHECK(kind_of("0.weight.a.w", {4, 3}) == parameter_kind::matrix);
  CHECK(kind_of("0.bias", {1, 3}) == parameter_kind::row);
  CHECK(kind_of("0.weight.a.w", {1, 3}) == parameter_kind::matrix);  // of one output
  CHECK(kind_of("0.weight.u.w", {4, 1}) == parameter_kind::left_factor);
  CHECK(kind_of("0.weight.v.w", {1, 4}) == parameter_kind::right_factor);
}

TEST_CASE("parameters: those with a gradient, in their order, with the settings of the first group that fits") {
  using namespace petra::nn;
  sequential model{dense<2, 3>{}, dense<3, 1>{}};
  std::vector<parameter_group> const groups{{.path = "1.*", .rate = 0.5f},
                                            {.path = "*.bias", .rate = 2, .weight_decay = 0.1f}};
  parameters list(members_of(model), groups);
  petra::tape<float> t;
  tensor<float> const x({1, 2}, {1, 2});
  for (int step = 0; step < 2; ++step) {
    t.reset();
    t.backward(model.forward(t, t.constant(x)));
    auto const now = list.gather(t);
    REQUIRE(now.size() == 4);
    REQUIRE(list.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) CHECK(now[i].place == i);
  }
  // The tape meets a bias before it meets the weight.
  CHECK(list[0].path == "0.bias");
  CHECK(list[0].rate == 2);
  CHECK(list[0].weight_decay == 0.1f);
  CHECK(list[1].path == "0.weight.a.w");
  CHECK(list[1].rate == 1);
  CHECK_FALSE(list[1].weight_decay);
  CHECK(list[2].path == "1.bias");
  CHECK(list[2].rate == 0.5f);
  CHECK(list[3].kind == parameter_kind::matrix);
}

TEST_CASE("parameters: one that the tape meets twice is one, with the sum of both gradients") {
  tensor<float> w({2, 2}, {1, 2, 3, 4});
  petra::nn::parameters list({});
  petra::tape<float> t;
  tensor<float> const x({1, 2}, {1, 1});
  petra::var const y = petra::ops::matmul(t, t.constant(x), t.parameter(w));
  petra::var const z = petra::ops::matmul(t, y, t.parameter(w));
  tensor<float> const one({1, 2}, {1, 1});
  t.backward(petra::ops::matmul(t, z, t.constant(one)));
  auto const now = list.gather(t);
  REQUIRE(now.size() == 1);
  // y = (3, 7); z = w y; d sum(z) / dw = 1 y^T + (w^T 1) x^T = [3 + 4, 7 + 4; 3 + 6, 7 + 6].
  float const wanted[] = {7, 11, 9, 13};
  for (index_t i = 0; i < 4; ++i) CHECK(now[0].gradient[i] == wanted[i]);
  CHECK(list[0].path.empty());
}

TEST_CASE("parameters: a group without a parameter, or with a wrong setting, is an error") {
  petra::nn::dense<2, 3> model;
  auto said = [&](petra::nn::parameter_group const& g) {
    return petra_test::thrown<petra::setting_error>(
        [&] { petra::nn::parameters(petra::nn::members_of(model), std::span(&g, 1)); });
  };
  CHECK(
      said({.path = "*.bias"}) ==
      "parameter_group: expected a parameter whose path fits *.bias, found none; for_each_member lists the paths of a "
      "model");
  CHECK(petra_test::says(said({.path = "*bias", .rate = -1}),
                         "parameter_group *bias: rate and weight_decay must be >= 0"));
  CHECK(said({.path = "bias"}) == "no exception");
}
