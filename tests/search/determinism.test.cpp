// One training on any number of threads: the same losses and weights, bit for bit.
#include <doctest/doctest.h>

#include "../nn/trained_bits.hpp"
#include "petra/search/tbb_executor.hpp"

TEST_CASE("determinism: three steps of training on 1, 2 and 8 threads") {
  auto const resnet = trained::bits_after_three_steps(trained::small_resnet(), trained::pictures(), {});
  auto const mlp = trained::bits_after_three_steps(trained::small_mlp(), trained::rows(), {});
  for (int const threads : {1, 2, 8}) {
    CAPTURE(threads);
    petra::search::tbb_executor const e(threads);
    CHECK(trained::bits_after_three_steps(trained::small_resnet(), trained::pictures(), e.lend()) == resnet);
    CHECK(trained::bits_after_three_steps(trained::small_mlp(), trained::rows(), e.lend()) == mlp);
  }
}
