#include "petra/nn/update.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "petra/nn/dense.hpp"

using doctest::Approx;
using petra::index_t;
using petra::tensor;
using petra::nn::trainable;

namespace {

// Two tensors with gradients 3, 4 and 12.
struct two_gradients {
  tensor<float> a{petra::shape(1, 2)}, b{petra::shape(1, 1)};
  float ga[2] = {3, 4}, gb[1] = {12};
  trainable list[2] = {{&a, ga, 0}, {&b, gb, 1}};
};

}  // namespace

TEST_CASE("clip_gradients: one norm for all, the direction stays") {
  two_gradients g;
  CHECK(petra::nn::gradient_norm(g.list) == 13);
  petra::nn::clip_gradients(g.list, {.norm = 26});
  CHECK(g.gb[0] == 12);
  petra::nn::clip_gradients(g.list, {});
  CHECK(g.gb[0] == 12);
  petra::nn::clip_gradients(g.list, {.norm = 6.5f});
  CHECK(g.ga[0] == 1.5f);
  CHECK(g.ga[1] == 2);
  CHECK(g.gb[0] == 6);
}

TEST_CASE("clip_gradients: every number, before the norm") {
  two_gradients g;
  g.ga[0] = -30;
  petra::nn::clip_gradients(g.list, {.value = 4});
  CHECK(g.ga[0] == -4);
  CHECK(g.ga[1] == 4);
  CHECK(g.gb[0] == 4);
  two_gradients both;
  petra::nn::clip_gradients(both.list, {.norm = 2.5f, .value = 4});
  CHECK(petra::nn::gradient_norm(both.list) == Approx(2.5));
}

TEST_CASE("clip_gradients: a norm that is not finite is an error") {
  two_gradients g;
  g.gb[0] = HUGE_VALF;
  CHECK(petra_test::says(
      petra_test::thrown<petra::training_error>([&] { petra::nn::clip_gradients(g.list, {.norm = 1}); }),
      "training: expected gradients of a finite norm, found inf"));
  CHECK(g.ga[0] == 3);
}

TEST_CASE("weight_averages: follow by the decay, faster at first; exchanged and back") {
  petra::nn::dense<1, 2> model;
  petra::nn::parameters known(petra::nn::members_of(model));
  std::string const paths[] = {"weight.a.w", "bias"};
  known.expect(paths);
  petra::nn::weight_averages averages;
  auto& w = model.weight.a.w;
  w[0] = 1;
  averages.follow(known, 0.5f, 1);  // takes them as they are
  w[0] = 2;
  averages.follow(known, 0.5f, 2);  // decay min(0.5, 3 / 12)
  CHECK(averages.state()[0][0] == 1.75f);
  w[0] = 4;
  averages.follow(known, 0.5f, 1000);
  CHECK(averages.state()[0][0] == 2.875f);
  averages.exchange(known);
  CHECK(w[0] == 2.875f);
  CHECK(averages.state()[0][0] == 4);
  averages.exchange(known);
  CHECK(w[0] == 4);
}

TEST_CASE("update: rates and decays of groups") {
  petra::nn::dense<1, 2> model;
  model.weight.a.w = tensor<float>({2, 1}, {1, 1});
  std::vector<petra::nn::parameter_group> const groups{{.path = "*.w", .rate = 0.5f, .weight_decay = 0.f},
                                                       {.path = "bias", .rate = 0}};
  petra::nn::parameters known(petra::nn::members_of(model), groups);
  std::string const paths[] = {"weight.a.w", "bias"};
  known.expect(paths);
  float gw[] = {1, 1}, gb[] = {1, 1};
  trainable const now[] = {{&model.weight.a.w, gw, 0}, {&model.bias, gb, 1}};
  petra::nn::optimizer o{petra::sgd{.momentum = 0, .weight_decay = 0.5f, .nesterov = false}};
  petra::nn::update(o, known, now, 0.1f, {});
  CHECK(model.weight.a.w[0] == Approx(1 - 0.05));
  CHECK(model.bias[0] == 0);
}
