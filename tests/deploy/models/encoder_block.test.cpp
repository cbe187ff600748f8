// Blocks of transformers as programs: nn/models/encoder_block.hpp.
#include "petra/nn/models/encoder_block.hpp"

#include <doctest/doctest.h>

#include "../alike.hpp"
#include "../ops/constant_length.hpp"
#include "petra/deploy/ops/activation.hpp"
#include "petra/deploy/ops/layer_norm.hpp"
#include "petra/deploy/ops/self_attention.hpp"
#include "petra/nn/activation.hpp"
#include "petra/nn/one_step.hpp"

namespace {

using namespace petra::nn;
using petra::models::norm_place;

// Sequences of 9 steps, the first 7 of which count.
template <norm_place Norm, bool Causal, class Activation>
void check_block(std::string const& name) {
  CAPTURE(name);
  auto m = sequential{
      dense<5, 16>{},   constant_length{7}, petra::models::encoder_block<16, 2, 24, Norm, Causal, Activation>(),
      layer_norm<16>{}, last_step{},        dense<16, 3>{}};
  alike::randomize(m, 0.3f);
  petra::random r(3);
  auto const x = petra_test::noise({8, 9, 5}, r);
  alike::check_float(m, x);
  auto const p = alike::check_int8(m, x, 0.1);
  CHECK(p.is_bit_exact());
  alike::check_header(p, x, "block_" + name);
}

}  // namespace

TEST_CASE("lowered encoder_block: norms before and after, causal or not, ReLU and GELU") {
  check_block<norm_place::before, false, relu>("before");
  check_block<norm_place::after, true, gelu>("after");
}
