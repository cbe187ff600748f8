#include "petra/deploy/weight_facts.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/passes.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

TEST_CASE("weight facts: small integers, two of four, empty blocks; nothing of a layer that is no product") {
  graph const g = run_passes(sample::products(true, 7)), wide = run_passes(sample::products(true, 9));
  CHECK(facts_of(g, 2).fits_int4);
  CHECK_FALSE(facts_of(wide, 2).fits_int4);
  CHECK_FALSE(facts_of(g, 2).is_2_4);
  CHECK(facts_of(g, 2).kept == 40 * 24);

  graph half = g;
  for (index_t i = 0; i < half[2].weight.size(); ++i)
    if (i % 4 > 1) half[2].weight[i] = 0;
  CHECK(facts_of(half, 2).is_2_4);
  half[2].weight[2] = half[2].weight[0] = half[2].weight[1] = 1;
  CHECK_FALSE(facts_of(half, 2).is_2_4);

  for (bool const int8 : {false, true}) {
    graph sparse = sample::products(int8);
    sample::keep_blocks(sparse, 6);
    sparse = run_passes(std::move(sparse));
    index_t const first = int8 ? 2 : 1;  // int8: the input is quantized before it
    // 3 x 6 blocks of 16 x 4, the third row 8 outputs high; of each row the first block.
    CHECK(facts_of(sparse, first).kept == (16 + 16 + 8) * 4);
    for (float& w : sparse[first].weight) w = 0;
    CHECK(facts_of(sparse, first).kept == 1);
  }
  graph const conv = run_passes(sample::resnet8(true));
  CHECK(facts_of(conv, 2).kept == 0);
}
