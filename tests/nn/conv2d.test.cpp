#include "petra/nn/conv2d.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "filled.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra_test::value_of;

namespace {

tensor<float> counting(petra::shape s) {
  tensor<float> x(s);
  for (index_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i + 1);
  return x;
}

template <class Layer>
petra::shape shape_of(Layer layer, petra::shape input) {
  return value_of(layer, tensor<float>(input)).shape();
}

}  // namespace

TEST_CASE("conv2d: values by hand") {
  conv2d<1, 1> layer;
  CHECK(layer.weight.a.w.shape() == petra::shape(1, 9));
  layer.weight.a.w = tensor<float>({1, 9}, {0, 1, 0, 1, 1, 1, 0, 1, 0});
  layer.bias[0] = 100;
  CHECK(value_of(layer, counting({1, 3, 3, 1})) ==
        tensor<float>({1, 3, 3, 1}, {107, 111, 111, 117, 125, 123, 119, 129, 123}));
}

TEST_CASE("conv2d: columns of the weight are taps, then channels") {
  conv2d<2, 1, window{.size = 2, .pad = 0}> layer;
  layer.weight.a.w =
      tensor<float>({1, 8}, {1, 0, 0, 0, 0, 1000, 0, 0});  // channel 0 of tap (0,0), channel 1 of tap (1,0)
  layer.bias = {};
  // pixel (y,x), channel c: 4 y + 2 x + c + 1
  CHECK(value_of(layer, counting({1, 2, 2, 2})) == tensor<float>({1, 1, 1, 1}, {1 + 6000}));
}

TEST_CASE("conv2d: shapes") {
  CHECK(shape_of(conv2d<1, 5>{}, {2, 7, 6, 1}) == petra::shape(2, 7, 6, 5));
  CHECK(shape_of(conv2d<1, 5, window{.stride = 2}>{}, {2, 7, 6, 1}) == petra::shape(2, 4, 3, 5));
  CHECK(shape_of(conv2d<1, 5, window{.size = 5, .pad = 0}>{}, {2, 7, 6, 1}) == petra::shape(2, 3, 2, 5));
  CHECK(shape_of(conv2d<1, 5, window{.size = 1, .stride = 2}>{}, {2, 7, 6, 1}) == petra::shape(2, 4, 3, 5));
}

TEST_CASE("conv2d: even and dilated windows and those that are no square keep the size, too") {
  CHECK(shape_of(conv2d<1, 5, window{.size = 4}>{}, {2, 7, 6, 1}) == petra::shape(2, 7, 6, 5));
  CHECK(shape_of(conv2d<1, 5, window{.dilation = 3}>{}, {2, 7, 6, 1}) == petra::shape(2, 7, 6, 5));
  CHECK(shape_of(conv2d<1, 5, window{.size = 10, .stride = 2, .width = 4}>{}, {1, 49, 10, 1}) ==
        petra::shape(1, 25, 5, 5));
  conv2d<1, 1, window{.size = 2, .width = 1}> layer;
  layer.weight.a.w = tensor<float>({1, 2}, {1, 10});
  // The zeros stand below.
  CHECK(value_of(layer, counting({1, 3, 1, 1})) == tensor<float>({1, 3, 1, 1}, {21, 32, 3}));
}

TEST_CASE("conv2d: groups and per-channel") {
  conv2d<4, 2, window{.size = 1, .groups = 2}> two;
  CHECK(two.weight.a.w.shape() == petra::shape(2, 2));
  two.weight.a.w = tensor<float>({2, 2}, {10, 100, 10, 100});
  two.bias = {};
  CHECK(value_of(two, counting({1, 1, 1, 4})) == tensor<float>({1, 1, 1, 2}, {210, 430}));
  conv2d<3, 3, window{.size = 1, .groups = per_channel}> each;
  CHECK(each.weight.a.w.shape() == petra::shape(3, 1));
  each.weight.a.w = tensor<float>({3, 1}, {1, 10, 100});
  each.bias = {};
  CHECK(value_of(each, counting({1, 1, 1, 3})) == tensor<float>({1, 1, 1, 3}, {1, 20, 300}));
}

TEST_CASE("conv2d: a per-channel kernel follows the number of channels that is left") {
  conv2d<petra::dyn, petra::dyn, window{.size = 1, .groups = per_channel}> each;
  each.weight.a.w = tensor<float>({2, 1}, {1, 10});
  CHECK(value_of(each, counting({1, 1, 1, 2})) == tensor<float>({1, 1, 1, 2}, {1, 20}));
}

TEST_CASE("conv2d: a low-rank weight is a convolution to r channels and a 1x1 one") {
  petra::random r(2);
  conv2d<2, 3, window{}, low_rank<>> factored;
  petra_test::fill(factored.weight, 3, 18, 2, r);
  factored.bias = petra_test::noise({1, 3}, r);
  conv2d<2, 3> plain;
  plain.weight.a.w = factored.weight.effective();
  plain.bias = factored.bias;
  auto const x = petra_test::noise({2, 5, 4, 2}, r);
  CHECK(petra_test::difference(value_of(plain, x), value_of(factored, x)) < 1e-5);
}

TEST_CASE("conv2d: what does not fit is an error") {
  conv2d<3, 4> layer;
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] {
                           value_of(layer, tensor<float>({1, 8, 8, 1}));
                         }),
                         "conv2d: expected (N,H,W,3)"));
  conv2d<1, 1, window{.size = 5, .stride = 2, .pad = 0}> wide;
  CHECK(petra_test::thrown<petra::shape_error>([&] {
          value_of(wide, tensor<float>({1, 4, 8, 1}));
        }) == "conv2d: expected a picture of at least 5 x 5 pixels, found 4 x 8");
}

static_assert(!conv2d<2, 2>::grouped && conv2d<2, 2, window{.groups = 2}>::grouped);
static_assert(conv2d<2, 2, window{.groups = per_channel}>::depthwise &&
              conv2d<2, 2, window{.groups = per_channel}>::grouped);
