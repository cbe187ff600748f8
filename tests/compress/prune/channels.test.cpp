#include "petra/compress/prune/channels.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "../../nn/filled.hpp"
#include "../../thrown.hpp"
#include "../sample.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/nn/branch.hpp"
#include "petra/nn/channel_gate.hpp"
#include "petra/nn/conv1d.hpp"
#include "petra/nn/models/resnet8.hpp"
#include "petra/nn/pool1d.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra::prune::channels;
using petra::prune::importance;
using petra_test::context_of;
using petra_test::pictures;
using petra_test::small_model;

namespace {

petra_test::data_context const no_data{};

template <class M>
auto cut(M const& m, channels const& s) {
  return compress(petra::assume_trained(m), s, no_data);
}

// w(o, k) = size of channel o.
void fill_rows(tensor<float>& w, std::initializer_list<float> sizes) {
  index_t o = 0;
  for (float const size : sizes) {
    for (index_t k = 0; k < w.cols(); ++k) w(o, k) = (k % 2 == 0 ? size : -size);
    ++o;
  }
}

template <class M>
index_t macs(M const& m, petra::shape input) {
  return petra::deploy::lower(m, input).macs();
}

}  // namespace

TEST_CASE("channels: the widths that are left") {
  auto kept = [](float ratio, index_t lanes, index_t n) { return channels{.ratio = ratio, .lanes = lanes}.kept(n); };
  CHECK(kept(0.5f, 4, 16) == 8);
  CHECK(kept(0.3f, 4, 16) == 12);    // 11.2: the nearest multiple
  CHECK(kept(0.375f, 4, 16) == 12);  // 10: half a lane goes up
  CHECK(kept(0.9f, 4, 16) == 4);     // at least one lane
  CHECK(kept(0.01f, 4, 16) == 16);
  CHECK(kept(0.5f, 4, 3) == 3);  // never more than there are
  CHECK(kept(0.5f, 4, 10) == 4);
  CHECK(kept(0.5f, 1, 7) == 4);
  CHECK(kept(0.5f, 8, 64) == 32);
}

TEST_CASE("channels: the most important ones stay, in their order, with everything that hangs on them") {
  auto model = sequential{conv2d<1, 4>{}, batch_norm<4>{}, relu{}, conv2d<4, 2>{}};
  auto& [first, norm, rectify, second] = model.layers;
  fill_rows(first.weight.a.w, {3, 1, 2, 4});
  for (index_t c = 0; c < 4; ++c) {
    auto const at = static_cast<float>(c);
    first.bias[c] = 10 + at;
    norm.gamma[c] = 20 + at, norm.beta[c] = 30 + at, norm.mean.value[c] = 40 + at, norm.var.value[c] = 50 + at;
  }
  for (index_t k = 0; k < 36; ++k) second.weight.a.w(0, k) = static_cast<float>(k);
  second.weight.a.w(1, 0) = 1;
  auto const out = cut(model, {.ratio = 0.5f, .lanes = 1});
  auto const& [a, n, r, b] = out.model.layers;
  CHECK(a.weight.a.w.shape() == petra::shape(2, 9));
  CHECK(a.weight.a.w(0, 0) == 3);
  CHECK(a.weight.a.w(1, 0) == 4);
  CHECK(a.bias == tensor<float>({1, 2}, {10, 13}));
  CHECK(n.gamma == tensor<float>({1, 2}, {20, 23}));
  CHECK(n.beta == tensor<float>({1, 2}, {30, 33}));
  CHECK(n.mean.value == tensor<float>({1, 2}, {40, 43}));
  CHECK(n.var.value == tensor<float>({1, 2}, {50, 53}));
  // Columns are taps x channels: channels 0 and 3 of every tap. The two logits are pinned.
  REQUIRE(b.weight.a.w.shape() == petra::shape(2, 18));
  for (index_t tap = 0; tap < 9; ++tap) {
    CHECK(b.weight.a.w(0, 2 * tap) == static_cast<float>(4 * tap));
    CHECK(b.weight.a.w(0, 2 * tap + 1) == static_cast<float>(4 * tap + 3));
  }
  CHECK(out.reports[0].touched == 1);
}

TEST_CASE("channels: cutting channels that are zero changes nothing") {
  auto model =
      sequential{conv2d<2, 8>{}, relu{},        conv2d<8, 8, window{.groups = per_channel}>{}, relu{}, max_pool<2>{},
                 flatten{},      dense<32, 3>{}};
  petra::random r(2);
  for_each_member(model, [&]<class M>(std::string const&, M& m) {
    if constexpr (std::same_as<M, tensor<float>>)
      for (float& x : m) x = r.normal();
  });
  auto& [first, r1, each, r2, p, f, last] = model.layers;
  for (index_t const dead : {0, 3, 4, 6}) {
    for (index_t k = 0; k < 18; ++k) first.weight.a.w(dead, k) = 0;
    for (index_t k = 0; k < 9; ++k) each.weight.a.w(dead, k) = 0;
    first.bias[dead] = each.bias[dead] = 0;
  }
  auto const x = petra_test::noise({2, 4, 4, 2}, r);
  auto out = cut(model, {.ratio = 0.5f});
  CHECK(get<2>(out.model.layers).weight.a.w.shape() == petra::shape(4, 9));
  CHECK(get<6>(out.model.layers).weight.a.w.shape() == petra::shape(3, 16));  // four positions of four channels
  CHECK(petra_test::difference(petra_test::value_of(model, x), petra_test::value_of(out.model, x)) < 1e-6);
}

TEST_CASE("channels: a norm behind a flattened map loses the cut channels of every position") {
  auto model = sequential{conv2d<1, 4, window{.size = 1}>{}, flatten{}, batch_norm<16>{}, dense<16, 2>{}};
  auto& [first, f, norm, last] = model.layers;
  fill_rows(first.weight.a.w, {3, 1, 2, 4});
  for (index_t i = 0; i < 16; ++i) norm.gamma[i] = static_cast<float>(i), last.weight.a.w(0, i) = static_cast<float>(i);
  auto const out = cut(model, {.ratio = 0.5f, .lanes = 1});
  tensor<float> const wanted({1, 8}, {0, 3, 4, 7, 8, 11, 12, 15});
  CHECK(get<2>(out.model.layers).gamma == wanted);
  for (index_t i = 0; i < 8; ++i) CHECK(get<3>(out.model.layers).weight.a.w(0, i) == wanted[i]);
}

TEST_CASE("channels: a residual around a flattened map ties four positions to one channel, and is a stage_error") {
  auto const model =
      sequential{conv2d<1, 4, window{.size = 1}>{}, flatten{}, residual{dense<16, 16>{}}, dense<16, 2>{}};
  CHECK(petra_test::thrown<petra::stage_error>([&] { cut(model, {.ratio = 0.5f}); }) ==
        "prune::channels: expected layers that depend on each other to have equally many channels, found 4 and 16; is "
        "a residual around a "
        "flattened map?");
}

TEST_CASE("channels: a residual is cut together, by the sum of what its layers say") {
  // Three layers write the group: stem, end of the body, and the identity ties them. Each layer's scores count alike.
  auto model = sequential{conv2d<1, 4, window{.size = 1}>{},
                          residual{sequential{conv2d<4, 4, window{.size = 1}>{}, conv2d<4, 4, window{.size = 1}>{}}},
                          dense<4, 2>{}};
  auto& stem = get<0>(model.layers).weight.a.w;
  auto& end = get<1>(get<1>(model.layers).body.layers).weight.a.w;
  fill_rows(stem, {2, 1, 1, 1});         // squares 4 1 1 1, over their mean: 2.29 0.57 0.57 0.57
  fill_rows(end, {100, 300, 200, 100});  // squares 1 9 4 1, over their mean: 0.27 2.4 1.07 0.27
  fill_rows(get<0>(get<1>(model.layers).body.layers).weight.a.w, {1, 2, 3, 4});
  auto const out = cut(model, {.ratio = 0.5f, .lanes = 1});
  auto const& [a, block, last] = out.model.layers;
  auto const& [hidden, b] = block.body.layers;
  // Channels 0 (2.55) and 1 (2.97) of the tied group, 2 and 3 of the hidden one.
  CHECK(a.weight.a.w == tensor<float>({2, 1}, {2, 1}));
  CHECK(b.weight.a.w == tensor<float>({2, 2}, {100, -100, 300, -300}));
  CHECK(hidden.weight.a.w.rows() == 2);
  CHECK(hidden.weight.a.w(0, 0) == 3);
  CHECK(last.weight.a.w.shape() == petra::shape(2, 2));
  CHECK(out.reports[0].touched == 2);
}

TEST_CASE("channels: the model really is smaller: widths, multiply-accumulates, bytes") {
  auto const model = small_model();
  auto const out = cut(model, {.ratio = 0.5f});
  petra::shape const input(12, 12, 1);
  CHECK(macs(model, input) == 36 * 8 * 9 + 2 * 36 * 8 * 72 + 24);
  CHECK(macs(out.model, input) == 36 * 4 * 9 + 2 * 36 * 4 * 36 + 12);
  CHECK(petra::deploy::lower(out.model, input).size_bytes() < petra::deploy::lower(model, input).size_bytes());
  auto runs = out.model;
  CHECK(petra_test::value_of(runs, tensor<float>({2, 12, 12, 1})).shape() == petra::shape(2, 3));
}

TEST_CASE("channels: resnet8 keeps its input and logits, every other width is cut to lanes") {
  auto const out = cut(petra::models::resnet8<3, 10>(1), {.ratio = 0.3f, .lanes = 8});
  std::vector<index_t> widths;
  auto model = out.model;
  for_each_layer(model, [&]<class L>(L& l, std::string const&) {
    if constexpr (weighted<L>) widths.push_back(l.weight.effective().rows());
  });
  // 16 -> 11.2 -> 8, 32 -> 22.4 -> 24, 64 -> 44.8 -> 48
  CHECK(widths == std::vector<index_t>{8, 8, 8, 24, 24, 24, 48, 48, 48, 10});
  CHECK(petra_test::value_of(model, tensor<float>({1, 16, 16, 3})).shape() == petra::shape(1, 10));
}

TEST_CASE("channels: twice is legal and cuts again") {
  auto const once = cut(small_model(), {.ratio = 0.5f});
  auto const twice = compress(once, channels{.ratio = 0.5f, .lanes = 2}, no_data);
  static_assert(std::same_as<decltype(once.model), decltype(twice.model)>);
  CHECK(get<7>(twice.model.layers).weight.a.w.shape() == petra::shape(3, 2));
}

TEST_CASE("channels: low-rank weights lose rows of u and columns of v, masks go along") {
  petra::random r(4);
  sequential model{dense<3, 4, low_rank<leaf<mask>>>{}, dense<4, 4, low_rank<leaf<mask>>>{}, dense<4, 2>{}};
  petra_test::fill(get<0>(model.layers).weight, 4, 3, 2, r);
  petra_test::fill(get<1>(model.layers).weight, 4, 4, 2, r);
  auto const out = cut(model, {.ratio = 0.5f, .lanes = 2});
  auto const& middle = get<1>(out.model.layers).weight;
  CHECK(middle.u.w.shape() == petra::shape(2, 2));
  CHECK(middle.v.w.shape() == petra::shape(2, 2));
  CHECK(middle.v.mask_slot.keep.shape() == petra::shape(2, 2));
  CHECK(get<0>(out.model.layers).weight.v.w.shape() == petra::shape(2, 3));
}

namespace {

// Two classes told apart by the sign of the one input.
struct signs {
  index_t size() const { return 128; }
  petra::shape sample_shape() const { return {1, 1, 1}; }
  index_t classes() const { return 2; }
  std::int32_t label(index_t i) const { return static_cast<std::int32_t>(i % 2); }
  void read(index_t i, float* out) const { *out = i % 2 == 0 ? 1.f : -1.f; }
};

}  // namespace

TEST_CASE("channels: taylor keeps what the loss depends on, magnitude what is large") {
  // Hidden channels 0 and 1 are large, but the last layer does not read them; 2 and 3 are small and decide.
  auto model = sequential{flatten{}, dense<1, 4>{}, dense<4, 2>{}};
  auto& [f, first, last] = model.layers;
  first.weight.a.w = tensor<float>({4, 1}, {5, -6, 0.5f, -0.4f});
  last.weight.a.w = tensor<float>({2, 4}, {0, 0, 0.1f, 0.2f, 0, 0, -0.3f, 0.1f});
  signs const data;
  petra::context<signs> c;
  c.train = &data;
  auto kept = [&](importance by) {
    return get<1>(compress(petra::assume_trained(model), channels{.ratio = 0.5f, .by = by, .lanes = 1}, c).model.layers)
        .weight.a.w;
  };
  CHECK(kept(importance::magnitude) == tensor<float>({2, 1}, {5, -6}));
  CHECK(kept(importance::taylor) == tensor<float>({2, 1}, {0.5f, -0.4f}));
}

TEST_CASE("channels: taylor is deterministic and leaves the running statistics alone") {
  auto const data = pictures(48);
  auto const c = context_of(data);
  channels const s{.ratio = 0.5f, .by = importance::taylor, .samples = 20};
  auto const a = compress(petra::assume_trained(small_model()), s, c),
             b = compress(petra::assume_trained(small_model()), s, c);
  CHECK(petra_test::numbers(a.model) == petra_test::numbers(b.model));
  auto const& norm = get<1>(a.model.layers);
  CHECK(norm.mean.value == tensor<float>({1, 4}));
  // A dry run has no data: magnitude decides, the shapes are the same.
  petra_test::data_context dry;
  dry.dry = true;
  CHECK(macs(compress(petra::assume_trained(small_model()), s, dry).model, {12, 12, 1}) == macs(a.model, {12, 12, 1}));
}

TEST_CASE("channels: nothing free is a stage_error") {
  auto const grouped = sequential{conv2d<1, 8>{}, conv2d<8, 8, window{.groups = 2}>{}, conv2d<8, 2>{}};
  CHECK(petra_test::thrown<petra::stage_error>([&] { cut(grouped, {.ratio = 0.5f, .lanes = 2}); }) ==
        "petra::prune::channels{.ratio = 0.5f, .lanes = 2}: expected to change the model, found nothing to change; "
        "every group is pinned, or that ratio of it is no multiple of 2 channels; "
        "left as they are, as the model's output or a layer behind needs all channels: 0, 1, 2");
}

TEST_CASE("channels: settings") {
  auto said = [](channels const& s) {
    return petra_test::thrown<petra::setting_error>([&] { petra::check_settings(s); });
  };
  CHECK(said({}) == "no exception");
  CHECK(said({.ratio = 0}) == "prune::channels: ratio must lie in (0, 1), found 0.000000");
  CHECK(said({.ratio = 1}) == "prune::channels: ratio must lie in (0, 1), found 1.000000");
  CHECK(petra_test::says(said({.ratio = std::numeric_limits<float>::quiet_NaN()}), "ratio must lie in (0, 1)"));
  CHECK(said({.lanes = 0}) == "prune::channels: lanes must be >= 1, found 0");
  CHECK(said({.samples = 0}) == "prune::channels: samples must be >= 1, found 0");
}

TEST_CASE("channels: along steps and inside branches and gates they go, where outputs are put together they stay") {
  petra::random r(4);
  sequential model{conv1d<2, 8>{},
                   relu{},
                   branch{sequential{conv1d<8, 8, window{.size = 4}>{}, relu{}, conv1d<8, 4>{}}, conv1d<8, 4>{}},
                   squeeze_excite<8, 1>(),
                   global_avg_pool1d<>{},
                   dense<8, 3>{}};
  for (auto const& m : members_of(model))
    if (m.tensor != nullptr)
      for (float& v : *m.tensor) v = r.normal();
  // The odd channels of the first layer and of those inside the branch and the gate are never different from zero.
  auto silence = [](auto& layer) {
    for (index_t o = 1; o < 8; o += 2) {
      for (index_t k = 0; k < layer.weight.a.w.cols(); ++k) layer.weight.a.w(o, k) = 0;
      layer.bias[o] = 0;
    }
  };
  silence(get<0>(model.layers));
  silence(get<0>(get<0>(get<2>(model.layers).layers).layers));
  silence(get<0>(get<3>(model.layers).gate.layers));
  auto small = cut(model, {.ratio = 0.5f}).model;
  CHECK(get<0>(small.layers).weight.a.w.shape() == petra::shape(4, 6));
  auto const& branches = get<2>(small.layers);
  CHECK(get<0>(get<0>(branches.layers).layers).weight.a.w.shape() == petra::shape(4, 16));
  CHECK(get<2>(get<0>(branches.layers).layers).weight.a.w.shape() == petra::shape(4, 12));
  CHECK(get<1>(branches.layers).weight.a.w.shape() == petra::shape(4, 12));
  auto const x = petra_test::noise({2, 7, 2}, r);
  CHECK(petra_test::difference(petra_test::value_of(model, x), petra_test::value_of(small, x)) < 1e-5);
}
