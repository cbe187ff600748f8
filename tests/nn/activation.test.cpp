#include "petra/nn/activation.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"

using namespace petra::nn;
using petra::tensor;
using petra_test::value_of;

TEST_CASE("activation: each layer is its function, on any shape") {
  tensor<float> const x({1, 1, 1, 4}, {-4, -1, 1, 8});
  auto check = [&]<class L>(L layer, std::initializer_list<float> wanted) {
    auto const y = value_of(layer, x);
    CHECK(y.shape() == x.shape());
    for (petra::index_t i = 0; i < 4; ++i) CHECK(y[i] == doctest::Approx(wanted.begin()[i]).epsilon(1e-4));
  };
  check(sigmoid{}, {0.017986f, 0.268941f, 0.731059f, 0.999665f});
  check(tanh_layer{}, {-0.999329f, -0.761594f, 0.761594f, 1});
  check(gelu{}, {-0.000126685f, -0.158655f, 0.841345f, 8});
  check(gelu_tanh{}, {-0.0000703f, -0.158808f, 0.841192f, 8});
  check(silu{}, {-0.0719449f, -0.268941f, 0.731059f, 7.99732f});
  check(relu6{}, {0, 0, 1, 6});
  check(hard_swish{}, {0, -1.f / 3, 2.f / 3, 8});
  check(leaky_relu{}, {-0.04f, -0.01f, 1, 8});
  check(leaky_relu{{.below = 0.5f}}, {-2, -0.5f, 1, 8});
}

TEST_CASE("activation: a slope is a member, nothing else is") {
  leaky_relu leaky{{.below = 0.3f}};
  auto const members = members_of(leaky);
  REQUIRE(members.size() == 3);
  CHECK(members[0].path == "below");
  CHECK(members[0].read(members[0].number) == 0.3f);
  gelu smooth;
  REQUIRE(members_of(smooth).size() == 2);  // the range of its input
  CHECK(members_of(smooth)[0].path == "in.seen.lo");
  CHECK(members_of(smooth)[1].path == "in.seen.hi");
}

static_assert(traceable<silu>);
