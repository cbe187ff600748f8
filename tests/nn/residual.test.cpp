#include "petra/nn/residual.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "filled.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra::nn;
using petra::tensor;
using petra_test::value_of;

namespace {

tensor<float> const x({1, 1, 1, 2}, {-1, 3});

}  // namespace

TEST_CASE("residual: body plus input") {
  residual block{relu{}};
  CHECK(value_of(block, x) == tensor<float>({1, 1, 1, 2}, {-1, 6}));
}

TEST_CASE("residual: body plus shortcut") {
  conv2d<2, 2, window{.size = 1}> twice;
  twice.weight.a.w = tensor<float>({2, 2}, {2, 0, 0, 2});
  residual block{relu{}, twice};
  CHECK(value_of(block, x) == tensor<float>({1, 1, 1, 2}, {-2, 9}));
}

TEST_CASE("residual: both addends are observed where they are added") {
  residual block{relu{}};
  petra::tape<float> t;
  t.observing = true;
  block.forward(t, t.constant(x));
  CHECK(block.body_out.seen.lo == 0);
  CHECK(block.body_out.seen.hi == 3);
  CHECK(block.shortcut_out.seen.lo == -1);
  CHECK(block.shortcut_out.seen.hi == 3);
}

TEST_CASE("residual: a body that changes the shape is an error") {
  residual block{conv2d<2, 3, window{.size = 1}>{}};
  CHECK(petra_test::thrown<petra::shape_error>([&] { value_of(block, x); }) ==
        "add: expected two equal shapes, found 1x1x1x3 and 1x1x1x2; a residual body must keep the shape of its input");
}

// The identity unites the input with the output of the body.
static_assert([] {
  channel_plan p;
  int const in = p.fresh(), out = residual<sequential<dense<4, 8>, dense<8, 4>>>::trace(p, in);
  return p.site_count == 2 && p.find(out) == p.find(in) && p.find(p.sites[1].out) == p.find(in) &&
         p.find(p.sites[0].out) != p.find(in);
}());
