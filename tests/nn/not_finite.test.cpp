#include "petra/nn/not_finite.hpp"

#include <doctest/doctest.h>

#include "petra/nn/batch_norm.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/loss.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

using petra::tensor;

namespace {

using masked_leaf = petra::nn::leaf<petra::nn::mask>;

auto some_network() {
  using namespace petra::nn;
  return sequential{conv2d<1, 2>{}, residual{sequential{batch_norm<2>{}, relu{}}}, flatten{},
                    dense<8, 2, full<masked_leaf>>{}};
}

// What is said of one step of the network after `change` spoiled it; x (1,2,2,1).
template <class F>
std::string said_of(F change, float pixel = 1) {
  auto model = some_network();
  auto& head = get<3>(model.layers);
  head.weight.a.mask_slot.keep = tensor<float>({2, 8});
  change(model);
  petra::nn::parameters known(members_of(model));
  petra::tape<float> t;
  tensor<float> const x({1, 2, 2, 1}, {pixel, 1, 2, 3});
  std::int32_t const label[] = {1};
  petra::loss::cross_entropy{}(t, model.forward(t, t.constant(x)), label);
  return petra::nn::first_not_finite(t, known);
}

}  // namespace

TEST_CASE("first_not_finite: names the input, a weight, or a layer") {
  CHECK(said_of([](auto&) {}) == "");
  CHECK(said_of([](auto&) {}, NAN) == "the input");
  CHECK(said_of([](auto& m) { get<0>(m.layers).weight.a.w[3] = HUGE_VALF; }) == "the weight 0.weight.a.w");
  // 3e38 times what is there.
  CHECK(said_of([](auto& m) { std::fill(get<0>(m.layers).weight.a.w.begin(), get<0>(m.layers).weight.a.w.end(), 3e38f); }) ==
        "the output of layer 0");
  // A weight behind a mask.
  CHECK(said_of([](auto& m) {
          auto& l = get<3>(m.layers).weight.a;
          get<0>(m.layers).bias[0] = 100;
          get<0>(m.layers).weight.a.w[4] = 1;
          std::fill(l.w.begin(), l.w.end(), 3e38f);
          std::fill(l.mask_slot.keep.begin(), l.mask_slot.keep.end(), 1.f);
        }) == "the output of layer 3");
  CHECK(said_of([](auto& m) { get<1>(m.layers).body = {}, get<0>(m.layers).weight.a.w[4] = 1e30f; }) ==
        "the output of layer 1.body.0");
}

TEST_CASE("first_not_finite: an op without a weight is after the layer before it") {
  petra::nn::dense<1, 2> model;
  petra::nn::parameters known(petra::nn::members_of(model));
  petra::tape<float> t;
  tensor<float> const x({1, 1}, {1});
  model.bias[0] = 2e38f;
  petra::var const y = model.forward(t, t.constant(x));
  petra::ops::add(t, y, y);
  CHECK(petra::nn::first_not_finite(t, known) == "an operation after layer");
  petra::tape<float> bare;
  tensor<float> const huge({1, 1}, {3e38f});
  petra::var const h = bare.constant(huge);
  petra::ops::add(bare, h, h);
  CHECK(petra::nn::first_not_finite(bare, known) == "an operation before the first layer");
}
