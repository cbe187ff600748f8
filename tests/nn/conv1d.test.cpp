#include "petra/nn/conv1d.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "filled.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra_test::value_of;

namespace {

template <class Layer>
petra::shape steps_after(Layer layer, petra::shape input) {
  return value_of(layer, tensor<float>(input)).shape();
}

}  // namespace

TEST_CASE("conv1d: values by hand; columns of the weight are taps, then channels") {
  conv1d<2, 1, window{.size = 2}> layer;
  CHECK(layer.weight.a.w.shape() == petra::shape(1, 4));
  layer.weight.a.w = tensor<float>({1, 4}, {1, 10, 100, 1000});
  layer.bias[0] = 0.5f;
  // An even kernel: the zero stands behind.
  CHECK(value_of(layer, tensor<float>({1, 2, 2}, {1, 2, 3, 4})) == tensor<float>({1, 2, 1}, {4321.5f, 43.5f}));
}

TEST_CASE("conv1d: causal outputs see no later step") {
  conv1d<1, 1, window{.size = 3, .pad = causal, .dilation = 2}> layer;
  layer.weight.a.w = tensor<float>({1, 3}, {1, 10, 100});
  layer.bias = {};
  CHECK(value_of(layer, tensor<float>({1, 6, 1}, {1, 2, 3, 4, 5, 6})) ==
        tensor<float>({1, 6, 1}, {100, 200, 310, 420, 531, 642}));
}

TEST_CASE("conv1d: shapes") {
  CHECK(steps_after(conv1d<1, 5>{}, {2, 7, 1}) == petra::shape(2, 7, 5));
  CHECK(steps_after(conv1d<1, 5, window{.size = 8}>{}, {2, 7, 1}) == petra::shape(2, 7, 5));
  CHECK(steps_after(conv1d<1, 5, window{.size = 8, .stride = 2}>{}, {2, 7, 1}) == petra::shape(2, 4, 5));
  CHECK(steps_after(conv1d<1, 5, window{.size = 3, .pad = 0, .dilation = 3}>{}, {2, 7, 1}) == petra::shape(2, 1, 5));
  conv1d<petra::dyn, petra::dyn, window{.groups = per_channel}> each;
  each.weight.a.w = tensor<float>({4, 3});
  CHECK(steps_after(each, {1, 5, 4}) == petra::shape(1, 5, 4));
}

TEST_CASE("conv1d: gradients with every structure of the weight") {
  petra::random r(4);
  auto check = [&]<class Weight>(Weight) {
    conv1d<2, 3, window{.size = 3, .stride = 2}, Weight> layer;
    petra_test::fill(layer.weight, 3, 6, 2, r);
    CHECK(petra_test::gradient_error_of(layer, {2, 5, 2}) < 1e-6);
  };
  check(full<>{});
  check(full<leaf<mask>>{});
  check(low_rank<>{});
  check(low_rank<leaf<mask>>{});
  check(one_of<full<>, low_rank<>>{});
}

TEST_CASE("conv1d: a low-rank weight is a convolution to r channels and a product; lengths pass through") {
  petra::random r(2);
  conv1d<2, 3, window{}, low_rank<>> factored;
  petra_test::fill(factored.weight, 3, 6, 2, r);
  factored.bias = petra_test::noise({1, 3}, r);
  conv1d<2, 3> plain;
  plain.weight.a.w = factored.weight.effective();
  plain.bias = factored.bias;
  auto const x = petra_test::noise({2, 5, 2}, r);
  CHECK(petra_test::difference(value_of(plain, x), value_of(factored, x)) < 1e-5);
  petra::tape<float> t;
  std::int32_t const length[] = {5, 2};
  petra::var const v = t.constant(x);
  t.set_length(v, length);
  petra::var const y = factored.forward(t, v);
  REQUIRE(t.length(y) != nullptr);
  CHECK(t.length(y)[1] == 2);
}

TEST_CASE("conv1d: what does not fit is an error") {
  conv1d<3, 4> layer;
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] {
                           value_of(layer, tensor<float>({1, 8, 1}));
                         }),
                         "conv1d: expected (N,L,3)"));
}

static_assert(!conv1d<2, 2>::grouped && conv1d<2, 2, window{.groups = per_channel}>::depthwise);
static_assert(traceable<conv1d<2, 2>>);
