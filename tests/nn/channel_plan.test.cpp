#include "petra/nn/channel_plan.hpp"

#include <doctest/doctest.h>

#include "petra/nn/models/resnet8.hpp"
#include "petra/nn/models/small_cnn.hpp"

using namespace petra::nn;

namespace {

template <class Model>
constexpr channel_plan plan = make_channel_plan<Model>();

// ResNet-8. Sites: 0 stem | 1, 2 first block | 3, 4 body, 5 shortcut of the second | 6, 7, 8 of the third | 9 classifier.
constexpr auto resnet = plan<decltype(petra::models::resnet8<3, 10>(1))>;

constexpr bool one_group(channel_plan const& p, int a, int b) { return p.find(a) == p.find(b); }

static_assert(resnet.site_count == 10 && resnet.norm_count == 9);
// Input and logits are pinned, nothing else.
static_assert(resnet.pinned(resnet.sites[0].in) && resnet.pinned(resnet.sites[9].out));
static_assert([] {
  for (int s = 0; s < 9; ++s)
    if (resnet.pinned(resnet.sites[s].out)) return false;
  return true;
}());
// An identity ties the stem to the end of the first block; a shortcut with a weight ties itself to the end of its block.
static_assert(one_group(resnet, resnet.sites[0].out, resnet.sites[2].out));
static_assert(one_group(resnet, resnet.sites[4].out, resnet.sites[5].out));
static_assert(one_group(resnet, resnet.sites[7].out, resnet.sites[8].out));
// What a layer reads is what the one before it wrote.
static_assert(one_group(resnet, resnet.sites[1].in, resnet.sites[0].out) &&
              one_group(resnet, resnet.sites[2].in, resnet.sites[1].out));
static_assert(one_group(resnet, resnet.sites[3].in, resnet.sites[2].out) &&
              one_group(resnet, resnet.sites[5].in, resnet.sites[2].out));
static_assert(one_group(resnet, resnet.sites[9].in, resnet.sites[8].out));
// Hidden widths are free of each other: input, logits, three block widths, three hidden widths.
static_assert([] {
  int roots = 0;
  for (int g = 0; g < resnet.group_count; ++g) roots += resnet.find(g) == g;
  return roots == 8;
}());
static_assert(!one_group(resnet, resnet.sites[1].out, resnet.sites[2].out) &&
              !one_group(resnet, resnet.sites[3].out, resnet.sites[4].out));
// Norms belong to the layer before them.
static_assert(one_group(resnet, resnet.norms[0], resnet.sites[0].out) &&
              one_group(resnet, resnet.norms[1], resnet.sites[1].out));

// A chain has a group per layer.
constexpr auto chain = plan<decltype(petra::models::small_cnn<1, 10>(1))>;
static_assert(chain.site_count == 4 && chain.norm_count == 3 && chain.group_count == 5);

// A depthwise convolution keeps its group; other groups pin both ends.
constexpr auto depthwise =
    plan<sequential<conv2d<1, 8>, conv2d<8, 8, window{.groups = per_channel}>, conv2d<8, 4, window{.size = 1}>>>;
static_assert(one_group(depthwise, depthwise.sites[1].in, depthwise.sites[1].out) && depthwise.sites[1].depthwise);
static_assert(one_group(depthwise, depthwise.sites[0].out, depthwise.sites[2].in) &&
              !depthwise.pinned(depthwise.sites[0].out));
constexpr auto grouped = plan<sequential<conv2d<1, 8>, conv2d<8, 8, window{.groups = 2}>, conv2d<8, 4>>>;
static_assert(grouped.pinned(grouped.sites[0].out) && grouped.pinned(grouped.sites[1].out));

// A residual whose identity reaches the input is pinned with it.
constexpr auto pinned = plan<sequential<residual<sequential<conv2d<4, 8>, conv2d<8, 4>>>, conv2d<4, 4>, conv2d<4, 2>>>;
static_assert(pinned.pinned(pinned.sites[1].out) && !pinned.pinned(pinned.sites[0].out) &&
              !pinned.pinned(pinned.sites[2].out));

struct untraced {};
static_assert(!traceable<untraced> && traceable<relu>);

}  // namespace

TEST_CASE("channel_plan: uniting keeps a pin, whichever side has it") {
  for (bool const first : {true, false}) {
    channel_plan p;
    int const a = p.fresh(), b = p.fresh(), c = p.fresh();
    p.pin_group(first ? a : b);
    p.unite(a, b);
    CHECK(p.find(a) == p.find(b));
    CHECK(p.pinned(a));
    CHECK(p.pinned(b));
    CHECK_FALSE(p.pinned(c));
    p.unite(c, b);
    CHECK(p.pinned(c));
    CHECK(p.find(c) == p.find(a));
  }
}
