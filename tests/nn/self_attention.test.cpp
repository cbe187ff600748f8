#include "petra/nn/self_attention.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

namespace {

template <class Qkv, class Out, bool Causal>
double self_attention_error() {
  self_attention<4, 2, Causal, Qkv, Out> layer;
  petra::random r(1);
  petra_test::fill(layer.qkv_weight, 12, 4, 2, r);
  petra_test::fill(layer.out_weight, 4, 4, 2, r);
  layer.qkv_bias = petra_test::noise({1, 12}, r), layer.out_bias = petra_test::noise({1, 4}, r);
  std::int32_t const length[] = {3, 0, 1};
  return petra::gradient_error([&](petra::tape<double>& t) {
    petra::random input(2);
    petra::var const x = petra::ops::draw(t, input, {3, 3, 4}, 0.);
    t.set_length(x, length);
    return layer.forward(t, x);
  });
}

}  // namespace

TEST_CASE("self_attention layer: gradients of weights of every structure and slot, causal or not, with lengths") {
  CHECK(self_attention_error<full<>, full<>, false>() < 1e-6);
  CHECK(self_attention_error<full<>, full<>, true>() < 1e-6);
  CHECK(self_attention_error<low_rank<>, full<leaf<mask>>, false>() < 1e-6);
  CHECK(self_attention_error<one_of<full<>, low_rank<leaf<mask>>>, low_rank<>, true>() < 1e-6);
}

// One head whose queries are zero sees every step alike: the mean of the values.
TEST_CASE("self_attention layer: values by hand; padding is not seen and gives the bias") {
  self_attention<1, 1> layer;
  layer.qkv_weight.a.w = tensor<float>({3, 1}, {0, 1, 2});
  layer.out_weight.a.w = tensor<float>({1, 1}, {10});
  layer.out_bias[0] = 5;
  petra::tape<float> t;
  float const x[] = {1, 3, 100};
  std::int32_t const length[] = {2};
  petra::var const v = t.constant({1, 3, 1}, x);
  t.set_length(v, length);
  petra::var const y = layer.forward(t, v);
  CHECK(t.value(y)[0] == 45);
  CHECK(t.value(y)[1] == 45);
  CHECK(t.value(y)[2] == 5);
  self_attention<1, 1, true> causal{layer.qkv_weight, layer.out_weight, layer.qkv_bias, layer.out_bias, {}};
  petra::var const z = causal.forward(t, v);
  CHECK(t.value(z)[0] == 25);
  CHECK(t.value(z)[1] == 45);
}

TEST_CASE("self_attention layer: map and members") {
  self_attention<4, 2> layer;
  auto const mapped = layer.map([]<class P>(P const& part, auto const&) {
    if constexpr (std::same_as<P, full<>>)
      return low_rank<>{};
    else
      return part;
  });
  static_assert(std::same_as<decltype(mapped), self_attention<4, 2, false, low_rank<>, low_rank<>> const>);
  std::string names;
  for (auto const& m : members_of(layer))
    if (m.tensor != nullptr) names += m.path + " ";
  CHECK(names == "qkv_weight.a.w out_weight.a.w qkv_bias out_bias ");
}
