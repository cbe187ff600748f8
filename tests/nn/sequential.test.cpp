#include "petra/nn/sequential.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/relu.hpp"

using namespace petra::nn;
using petra::tensor;

TEST_CASE("sequential: one after the other") {
  sequential net{dense<2, 2>{}, relu{}, dense<2, 1>{}};
  auto& [first, second, third] = net.layers;
  first.weight.a.w = tensor<float>({2, 2}, {1, 0, 0, -1});
  third.weight.a.w = tensor<float>({1, 2}, {10, 100});
  third.bias[0] = 1;
  CHECK(petra_test::value_of(net, tensor<float>({2, 2}, {3, 5, -3, -5})) == tensor<float>({2, 1}, {31, 501}));
}

TEST_CASE("sequential: children by position, and a map over its weights that may change their type") {
  sequential net{dense<2, 3>{}, relu{}, dense<3, 1>{}};
  std::string names;
  net.children([&](char const* name, auto&) { names += name; });
  CHECK(names == "012");
  auto mapped = net.map([](auto const& weight, auto const&) {
    low_rank<> f;
    f.v = weight.a;
    return f;
  });
  static_assert(std::same_as<decltype(mapped), sequential<dense<2, 3, low_rank<>>, relu, dense<3, 1, low_rank<>>>>);
  CHECK(get<2>(mapped.layers).weight.v.w.shape() == petra::shape(1, 3));
}

static_assert(layer<sequential<relu, relu>>);
static_assert(traceable<sequential<relu, dense<1, 2>>>);

TEST_CASE("sequential: a map meets the layers in their order") {
  sequential net{dense<1, 2>{}, dense<2, 3>{}, sequential{dense<3, 4>{}, dense<4, 5>{}}};
  std::string rows;
  auto const same = net.map([&](auto const& weight, auto const&) {
    rows += std::to_string(weight.a.w.rows());
    return weight;
  });
  CHECK(rows == "2345");
  static_assert(std::same_as<decltype(same), decltype(net) const>);
}
