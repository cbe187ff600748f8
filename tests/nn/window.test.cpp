#include "petra/nn/window.hpp"

#include <doctest/doctest.h>

using namespace petra::nn;

using margins = window::margins;
static_assert(window{.size = 5}.pads(5) == margins{2, 2} && window{.size = 5, .pad = 1}.pads(5) == margins{1, 1});
// An even number of taps: one more zero behind, as TensorFlow and PyTorch do.
static_assert(window{.size = 4}.pads(4) == margins{1, 2} && window{.size = 2}.pads(2) == margins{0, 1});
static_assert(window{.size = 4, .dilation = 3}.pads(4) == margins{4, 5});
static_assert(window{.size = 4, .pad = causal, .dilation = 2}.pads(4) == margins{6, 0});
static_assert(window{}.plain() && window{.size = 1, .stride = 2}.plain());
static_assert(!window{.size = 2}.plain() && window{.size = 2, .pad = 0}.plain());
static_assert(!window{.dilation = 2}.plain() && !window{.size = 3, .width = 5}.plain());
static_assert(window{.size = 3, .width = 3}.plain() && window{.size = 3, .width = 5}.width_taps() == 5);
static_assert(!window{.size = 0}.valid() && !window{.pad = -3}.valid() && !window{.dilation = 0}.valid());

// All of it is constexpr; the program has a case so that it is found.
TEST_CASE("window: groups") {
  CHECK(window{.groups = per_channel}.is_depthwise());
  CHECK(!window{}.is_depthwise());
}
