#include "petra/deploy/lower.hpp"

#include <doctest/doctest.h>

#include "../nn/filled.hpp"
#include "../thrown.hpp"
#include "alike.hpp"
#include "petra/compress/pipeline.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/nn/dropout.hpp"
#include "petra/nn/fold.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"
#include "petra/nn/weight/int4_grid.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra::deploy::graph;
using petra::deploy::grid;
using petra::deploy::map_shape;
using petra::deploy::op;

namespace {

// Random everywhere, norms as after a training.
template <class Model>
void randomize(Model& m) {
  petra::random r(5);
  for_each_member(m, [&]<class M>(std::string const& path, M& x) {
    if constexpr (std::same_as<M, tensor<float>>)
      for (float& v : x) v = path.ends_with("var.running") ? r.uniform(0.5f, 2) : 0.5f * r.normal();
  });
}

template <class Model>
tensor<float> lowered_value(Model const& m, tensor<float> const& x) {
  auto const& s = x.shape();
  auto const p = petra::deploy::lower(m, {s[1], s[2], s[3]});
  petra::deploy::session run(p);
  tensor<float> y({s[0], p.output_size()});
  petra::deploy::run_batch(run, x.data(), s[0], y.data());
  return y;
}

// Trained model and lowered program agree up to rounding.
template <class Model>
void check_same(Model m, petra::shape input) {
  randomize(m);
  petra::random r(6);
  auto const x = petra_test::noise(input, r);
  auto wanted = petra_test::value_of(m, x);
  wanted.reshape({input[0], wanted.size() / input[0]});
  CHECK(petra_test::difference(wanted, lowered_value(m, x)) < 1e-5);
}

std::string outline(graph const& g) {
  std::string s;
  for (auto const& n : g.nodes) s += std::string(petra::deploy::name_of(n.kind)) + "@" + n.place + " ";
  return s;
}

// All values alike.
tensor<float> filled(petra::shape s, float value) {
  tensor<float> t(s);
  for (float& v : t) v = value;
  return t;
}

}  // namespace

TEST_CASE("lower: every layer gives the numbers it gives in training") {
  check_same(sequential{conv2d<3, 5>{}, relu{}, flatten{}, dense<150, 4>{}}, {2, 6, 5, 3});
  check_same(sequential{conv2d<1, 4, window{.size = 5, .stride = 2, .pad = 0}>{}, global_avg_pool<>{}, flatten{},
                        dense<4, 3>{}},
             {2, 9, 12, 1});
  check_same(sequential{conv2d<4, 6, window{.groups = 2}>{}, relu{},
                        conv2d<6, 6, window{.stride = 2, .groups = per_channel}>{}, flatten{}, dense<54, 3>{}},
             {2, 5, 6, 4});
  // Windows that are no squares, zeros that cannot be shared equally.
  check_same(sequential{conv2d<1, 4, window{.size = 10, .stride = 2, .width = 4}>{}, relu{},
                        conv2d<4, 4, window{.size = 1, .groups = per_channel, .width = 4}>{}, global_avg_pool<>{},
                        flatten{}, dense<4, 3>{}},
             {2, 49, 10, 1});
  check_same(sequential{max_pool<3, 2, 1>{}, avg_pool<3, 1, 1>{}, flatten{}, dense<18, 3>{}}, {2, 5, 6, 2});
  check_same(sequential{flatten{}, dense<12, 7>{}, relu{}, dense<7, 3>{}, relu{}}, {3, 2, 3, 2});
  check_same(sequential{conv2d<2, 4, window{.stride = 2}>{}, dropout{0.5f}, petra::models::separable_block<4, 6, 2>(),
                        global_avg_pool<>{}, flatten{}, petra::models::dense_norm<6, 3>()},
             {2, 9, 8, 2});
}

TEST_CASE("lower: batch norms: behind a weight, behind a sum, first, folded before") {
  auto const model = sequential{batch_norm<2>{},
                                petra::models::conv_norm<2, 4>(),
                                batch_norm<4>{},
                                relu{},
                                residual{sequential{conv2d<4, 4>{}, batch_norm<4>{}}},
                                batch_norm<4>{},
                                relu{},
                                global_avg_pool<>{},
                                flatten{},
                                dense<4, 3>{}};
  check_same(model, {2, 6, 6, 2});
  auto folded = model;
  randomize(folded);
  petra::random r(6);
  auto const x = petra_test::noise({2, 6, 6, 2}, r);
  auto const before = lowered_value(folded, x);
  fold_batch_norms(folded, [](std::string const&) {});
  CHECK(petra_test::difference(before, lowered_value(folded, x)) < 1e-5);
}

TEST_CASE("lower: residuals with an identity and with a shortcut of their own") {
  check_same(sequential{petra::models::basic_block<3, 3, 1>(), relu{}, petra::models::basic_block<3, 6, 2>(),
                        global_avg_pool<>{}, flatten{}, dense<6, 2>{}},
             {2, 6, 6, 3});
}

TEST_CASE("lower: low-rank weights are two products, masks are zeros") {
  petra::random r(7);
  sequential model{conv2d<2, 6, window{.stride = 2}, low_rank<>>{}, relu{}, flatten{},
                   dense<54, 5, low_rank<leaf<mask>>>{}};
  petra_test::fill(get<0>(model.layers).weight, 6, 18, 2, r);
  petra_test::fill(get<3>(model.layers).weight, 5, 54, 3, r);
  auto const x = petra_test::noise({2, 6, 5, 2}, r);
  CHECK(petra_test::difference(petra_test::value_of(model, x), lowered_value(model, x)) < 1e-5);
  auto const g = petra::deploy::to_graph(model, {6, 5, 2});
  CHECK(outline(g) == "input@ conv2d@0 conv2d@0 relu@1 conv2d@3 conv2d@3 ");
  CHECK(g[1].out == map_shape{3, 3, 2});
  CHECK(g[1].bias.empty());
  CHECK(g[2].out == map_shape{3, 3, 6});
  CHECK(g[2].kernel_h == 1);
  CHECK(g[4].kernel_h == 3);  // the whole map
  CHECK(std::count(g[5].weight.begin(), g[5].weight.end(), 0.f) ==
        std::count(get<3>(model.layers).weight.u.mask_slot.keep.begin(),
                   get<3>(model.layers).weight.u.mask_slot.keep.end(), 0.f));
}

TEST_CASE("lower: a choice lowers what it holds") {
  petra::random r(8);
  dense<6, 5, one_of<full<>, low_rank<>>> layer;
  petra_test::fill(layer.weight, 5, 6, 2, r);
  CHECK(petra::deploy::to_graph(sequential{flatten{}, layer}, {1, 1, 6}).size() == 3);
  full<> plain;
  plain.a.w = layer.weight.effective();
  layer.weight = plain;
  CHECK(petra::deploy::to_graph(sequential{flatten{}, layer}, {1, 1, 6}).size() == 2);
}

TEST_CASE("lower: places are paths in the model") {
  auto const model =
      sequential{petra::models::basic_block<1, 4, 2>(), relu{}, global_avg_pool<>{}, flatten{}, dense<4, 2>{}};
  auto const g = petra::deploy::to_graph(model, {4, 4, 1});
  CHECK(outline(g) ==
        "input@ conv2d@0.body.0 batch_norm@0.body.1 relu@0.body.2 conv2d@0.body.3 batch_norm@0.body.4 "
        "conv2d@0.shortcut.0 batch_norm@0.shortcut.1 add@0 relu@1 avg_pool@2 conv2d@4 ");
  CHECK(g[6].inputs == std::vector<index_t>{0});
  CHECK(g[8].inputs == std::vector<index_t>{5, 7});
}

TEST_CASE("lower: grids go where they belong: inputs are read on them, weights have scales") {
  using grid8 = affine_grid<8>;
  sequential model{conv2d<1, 2, window{.size = 1}, full<leaf<no_mask, grid8>>>{},
                   residual<relu, identity, point<grid8>>{}, global_avg_pool<point<grid8>>{}, flatten{}, dense<2, 2>{}};
  auto& [conv, block, mean, f, last] = model.layers;
  conv.weight.a.grid = {tensor<float>({1, 2}, {0.5f, 0.25f}), 0.1f, -3};
  block.body_out.grid = {{}, 0.2f, -128};
  block.shortcut_out.grid = {{}, 0.3f, 5};
  mean.in.grid = {{}, 0.4f, 7};
  auto const g = petra::deploy::to_graph(model, {2, 2, 1});
  CHECK(outline(g) == "input@ conv2d@0 relu@1.body add@1 avg_pool@2 conv2d@4 ");
  CHECK(g[1].is_int8());
  CHECK(g[1].weight_scale == std::vector<float>{0.5f, 0.25f});
  CHECK(*g[1].reads[0] == grid{0.1f, -3});
  CHECK(*g[3].reads[0] == grid{0.2f, -128});
  CHECK(*g[3].reads[1] == grid{0.3f, 5});
  CHECK(*g[4].reads[0] == grid{0.4f, 7});
  CHECK_FALSE(g[5].is_int8());
  CHECK_FALSE(g[5].reads[0].has_value());
}

TEST_CASE("lower: int4 weights in groups give the numbers that training quantizes to") {
  sequential model{flatten{}, dense<32, 5, full<leaf<no_mask, int4_grid>>>{}};
  auto& layer = get<1>(model.layers);
  petra::random r(9);
  petra_test::fill(layer.weight, 5, 32, 0, r);
  layer.bias = petra_test::noise({1, 5}, r);
  layer.weight.a.grid = {filled({1, 5}, 0.01f), tensor<float>({5, 4}), 0.03f, -5};
  for (index_t i = 0; i < 20; ++i) layer.weight.a.grid.group_scale[i] = static_cast<float>(1 + 3 * i);
  auto const g = petra::deploy::to_graph(model, {4, 4, 2});
  CHECK(g[1].weight_bits == 4);
  CHECK(g[1].group == 8);
  CHECK(g[1].group_scale.size() == 20);
  CHECK(g[1].group_scale[7] == 22);
  auto const x = petra_test::noise({3, 4, 4, 2}, r);
  petra::deploy::program const p = petra::deploy::lower(model, {4, 4, 2}, {.wanted = petra::deploy::form::int4});
  CHECK(p.steps().back().kind == petra::deploy::kernel_kind::dense_s4_s8_f32);
  tensor<float> y({3, 5});
  petra::deploy::session run(p);
  petra::deploy::run_batch(run, x.data(), 3, y.data());
  CHECK(petra_test::difference(petra_test::value_of(model, x), y) < 1e-3);  // the bias is rounded

  layer.weight.a.grid.group_scale = filled({5, 3}, 1.f);
  auto const said = [&] {
    return petra_test::thrown<petra::shape_error>([&] { petra::deploy::lower(model, {4, 4, 2}); });
  };
  CHECK(said() == "1: expected a number of groups that divides 32 inputs, found 3");
  layer.weight.a.grid.group_scale = filled({5, 8}, 1.f);
  CHECK(petra_test::says(said(), "expected groups of a multiple of 8 inputs, found 4"));
  layer.weight.a.grid.group_scale = filled({5, 4}, 1.5f);
  CHECK(said() == "1: expected scales of groups that are whole, 1 to 127, found 1.500000");
  layer.weight.a.grid.group_scale = filled({5, 1}, 1.f);  // one scale per output: no groups
  CHECK(petra::deploy::to_graph(model, {4, 4, 2})[1].group == 0);
  CHECK(petra::deploy::to_graph(model, {4, 4, 2})[1].weight_bits == 4);
}

TEST_CASE("lower: multiply-accumulates and bytes by hand") {
  // Not zeros, as a fresh layer holds: nothing of them would be kept.
  auto const model = petra::nn::initialize(sequential{conv2d<2, 8>{}, max_pool<>{}, flatten{}, dense<32, 3>{}}, 1);
  auto const p = petra::deploy::lower(model, {4, 4, 2});
  CHECK(p.macs() == 16 * 8 * 18 + 32 * 3);
  CHECK(p.input() == map_shape{4, 4, 2});
  CHECK(p.output_size() == 3);
  CHECK(p.size_bytes() >= 4 * (8 * 18 + 8 + 32 * 3 + 3));
}

TEST_CASE("lower: what `compress` returned is a model, too") {
  auto const staged = petra::assume_trained(sequential{flatten{}, dense<4, 3>{}});
  CHECK(petra::deploy::lower(staged, {2, 2, 1}).macs() == 12);
}

TEST_CASE("lower: inputs that do not fit are errors with the place") {
  auto const model = sequential{conv2d<2, 4>{}, residual{conv2d<4, 4, window{.size = 5, .stride = 2, .pad = 0}>{}}};
  auto said = [](auto const& m, petra::shape input) {
    return petra_test::thrown<petra::shape_error>([&] { petra::deploy::lower(m, input); });
  };
  CHECK(said(model, {8, 8, 3}) == "0: expected 2 channels, found 3; is the input shape right?");
  CHECK(said(model, {4, 9, 2}) == "1.body: expected a map of at least 5 pixels a side, found 4");
  CHECK(said(model, {9, 9, 2}) == "1: expected two equal maps to add, found 3x3x4 and 9x9x4");
  CHECK(said(model, {9, 9}) == "0: expected 2 channels, found 9; is the input shape right?");
  CHECK(said(model, {1, 9, 9, 2}) == "lower: expected an input shape (H,W,C), (L,C) or (C), found 4 axes");
  CHECK(said(sequential{flatten{}, dense<18, 4>{}}, {4, 4, 1}) ==
        "1: expected 18 input features, found 16; is the input shape right?");
  CHECK(petra_test::says(said(sequential{max_pool<5>{}}, {4, 9, 1}),
                         "0: expected a map of at least 5 pixels a side, found 4"));
}

TEST_CASE("lower: a dense layer of a sequence or of a picture that is not flat is a product on each step or pixel") {
  petra::random r(7);
  dense<8, 16, low_rank<>> factors;
  factors.weight.v.w = tensor<float>({2, 8}), factors.weight.u.w = tensor<float>({16, 2});
  auto const each_step = sequential{dense<5, 8>{}, relu{}, factors, dense<16, 4>{}, flatten{}, dense<4 * 6, 3>{}};
  for (petra::shape const s : {petra::shape(3, 6, 5), petra::shape(3, 2, 3, 5)}) {
    auto m = each_step;
    alike::randomize(m);
    auto const x = petra_test::noise(s, r);
    alike::check_float(m, x);
    alike::check_int8(m, x);
  }
  graph const g = petra::deploy::to_graph(each_step, {6, 5});
  CHECK(g[1].kernel_w == 1);
  CHECK(g[1].out == map_shape{1, 6, 8});
  CHECK(g.nodes.back().kernel_w == 6);
  CHECK(petra_test::thrown<petra::shape_error>([] {
          petra::deploy::to_graph(dense<5, 2>{}, {6, 4});
        }) == ": expected 5 input features, found 24; is the input shape right?");
}
