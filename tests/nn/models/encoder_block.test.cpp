#include "petra/nn/models/encoder_block.hpp"

#include <doctest/doctest.h>

#include "../filled.hpp"
#include "petra/nn/initialize.hpp"

using petra::models::encoder_block;
using petra::models::norm_place;

namespace {

// Inputs are kept away from each other's kinks by the seed: a ReLU at zero has no derivative.
template <norm_place Norm, bool Causal>
double encoder_block_error() {
  auto block = petra::nn::initialize(encoder_block<4, 2, 5, Norm, Causal>(), 2);
  std::int32_t const length[] = {3, 2};
  return petra::gradient_error([&](petra::tape<double>& t) {
    petra::random r(3);
    petra::var const x = petra::ops::draw(t, r, {2, 3, 4});
    t.set_length(x, length);
    return block.forward(t, x);
  });
}

}  // namespace

TEST_CASE("encoder_block: gradients, norm before and after, causal or not, with lengths") {
  CHECK(encoder_block_error<norm_place::before, false>() < 1e-6);
  CHECK(encoder_block_error<norm_place::before, true>() < 1e-6);
  CHECK(encoder_block_error<norm_place::after, false>() < 1e-6);
  CHECK(encoder_block_error<norm_place::after, true>() < 1e-6);
}

TEST_CASE("encoder_block: with zero weights, pre is the identity and post the norm of its input") {
  petra::tensor<float> const x({1, 2, 2}, {4, 6, 10, 0});
  auto pre = encoder_block<2, 1, 3, norm_place::before>();
  CHECK(petra_test::value_of(pre, x) == x);
  auto post = encoder_block<2, 1, 3, norm_place::after>();
  CHECK(petra_test::difference(petra_test::value_of(post, x), petra::tensor<float>({1, 2, 2}, {-1, 1, 1, -1})) < 2e-5);
}
