#include "petra/deploy/program.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/compile.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

TEST_CASE("program: ResNet-8 by the numbers") {
  program const f = compile(sample::resnet8(false)), q = compile(sample::resnet8(true));
  // Stem, three blocks with two 3x3 each, two 1x1 shortcuts, the dense layer.
  index_t const macs =
      1024 * 16 * 27 + 2 * 1024 * 16 * 144 + 256 * 32 * (144 + 288 + 16) + 64 * 64 * (288 + 576 + 32) + 640;
  CHECK(f.macs() == macs);
  CHECK(q.macs() == macs);
  index_t const weights = 16 * 27 + 2 * 16 * 144 + 32 * (144 + 288 + 16) + 64 * (288 + 576 + 32) + 640;
  index_t const channels = 3 * 16 + 3 * 32 + 3 * 64;
  CHECK(f.size_bytes() == 4 * (weights + channels + 10));
  index_t const stem_padding = 16 * 3 * (12 - 9);
  CHECK(q.size_bytes() == weights + stem_padding + 9 * channels + 8 * 10);
  CHECK(f.input_size() == 3072);
  CHECK(f.output_size() == 10);
  CHECK(q.is_bit_exact());
  CHECK_FALSE(f.is_bit_exact());
  CHECK(4 * q.arena_bytes() < f.arena_bytes() + 256);
}

TEST_CASE("program: fewer channels are fewer bytes, MACs and activations") {
  program const wide = compile(sample::resnet8(true)), narrow = compile(sample::resnet8(true, {32, 32, 3}, 8));
  CHECK(narrow.size_bytes() * 3 < wide.size_bytes());
  CHECK(narrow.macs() * 3 < wide.macs());
  CHECK(narrow.arena_bytes() * 19 < wide.arena_bytes() * 10);
}
