#include <doctest/doctest.h>

#include "petra/compress/lowrank/svd.hpp"
#include "petra/compress/prune/channels.hpp"
#include "petra/compress/quantize/affine.hpp"
#include "petra/compress/train.hpp"
#include "same_program.hpp"

// Batch norms, convolutions and a residual: what space.test.cpp shows for dense layers, at three times its compile time.
TEST_CASE(
    "space: a network of convolutions, as a genome and as a static pipeline, gives the same program, bit for bit") {
  using petra::finetune;
  using petra::train;
  using petra::lowrank::svd;
  using petra::prune::channels;
  using affine = petra::quantize::affine<8>;
  using space = petra::search::space<train, channels, svd, affine, finetune>;
  petra_test::check_same<space>(petra_test::small_model(), train{.epochs = 1, .batch = 16}, channels{.ratio = 0.5f},
                                svd{.keep = petra::lowrank::rank{1}}, finetune{.epochs = 1, .batch = 16}, affine{});
}
