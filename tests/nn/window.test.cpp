#include "petra/nn/window.hpp"

#include <doctest/doctest.h>

using namespace petra::nn;
using petra::dyn;

using margins = window::margins;
static_assert(window{.size = 5}.pads(5) == margins{2, 2} && window{.size = 5, .pad = 1}.pads(5) == margins{1, 1});
// An even number of taps: one more zero behind, as TensorFlow and PyTorch do.
static_assert(window{.size = 4}.pads(4) == margins{1, 2} && window{.size = 2}.pads(2) == margins{0, 1});
static_assert(window{.size = 4, .dilation = 3}.pads(4) == margins{4, 5});
static_assert(window{.size = 4, .pad = causal, .dilation = 2}.pads(4) == margins{6, 0});
static_assert(window{}.width_taps() == 3 && window{.size = 3, .width = 5}.width_taps() == 5);
static_assert(window{.groups = 2}.divides(4, 6) && !window{.groups = 2}.divides(4, 5) &&
              window{.groups = 3}.divides(dyn, 5));
static_assert(window{}.columns(9, 4) == 36 && window{.groups = 2}.columns(9, 4) == 18 &&
              window{}.columns(9, dyn) == dyn);
static_assert(window{.groups = per_channel}.columns(9, 4) == 9 && window{.groups = per_channel}.columns(9, dyn) == dyn);
static_assert(!window{.size = 0}.valid() && !window{.pad = -3}.valid() && !window{.dilation = 0}.valid());

// All of it is constexpr; the program has a case so that it is found.
TEST_CASE("window: groups") {
  CHECK(window{.groups = per_channel}.is_depthwise());
  CHECK(!window{}.is_depthwise());
}
