// Convolutions along series, from the graph to the header: neighboring taps by the kernels of two dimensions, taps apart by
// kernels of their own.
#include "petra/deploy/run_series.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "alike.hpp"
#include "petra/deploy/cost_measure.hpp"
#include "petra/nn/batch_norm.hpp"
#include "petra/nn/conv1d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/pool1d.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"
#include "sample_graphs.hpp"

namespace {

using namespace petra::deploy;
using petra::index_t;
using petra::kernel::conv_pad;

// The same bits as the slow twin in integers, close in float.
void check_series_program(graph const& g) {
  graph const finished = run_passes(g);
  program const p = compile(g);
  session s(p);
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    auto const x = sample::random_input(p.input_size(), seed);
    auto const expected = run_reference(finished, x.data());
    std::vector<float> found(expected.size());
    s.run(x.data(), found.data());
    for (std::size_t i = 0; i < found.size(); ++i)
      if (p.is_bit_exact())
        CHECK(std::memcmp(&found[i], &expected[i], sizeof(float)) == 0);
      else
        CHECK(std::fabs(found[i] - expected[i]) <= 1e-5f * std::max(1.f, std::fabs(expected[i])));
  }
}

// A series through the window, and through another one, which wants a frame of it.
graph through(sample::builder::window const& w, bool int8) {
  sample::builder b({1, 90, 6}, int8, 1);
  auto const x = b.relu(b.conv(0, 12, w));
  b.dense(b.global_avg_pool(b.conv(x, 5, {.size_h = 1, .pad = {0, 0, 1, 1}})), 3);
  return std::move(b.g);
}

bool has_kernel(program const& p, kernel_kind k) {
  for (step const& s : p.steps())
    if (s.kind == k) return true;
  return false;
}

}  // namespace

TEST_CASE("series: taps, strides, distances of taps and padding") {
  for (bool const int8 : {false, true})
    for (index_t const taps : {1, 3, 8, 40})
      for (index_t const stride : {1, 2})
        for (index_t const dilation : {1, 2}) {
          index_t const all = (taps - 1) * dilation;
          for (conv_pad const& pad : {conv_pad{0, 0, all / 2, all - all / 2}, conv_pad{0, 0, all, 0}, conv_pad{0}}) {
            CAPTURE(int8);
            CAPTURE(taps);
            CAPTURE(stride);
            CAPTURE(dilation);
            CAPTURE(pad.left);
            check_series_program(
                through({.size_h = 1, .size_w = taps, .stride = stride, .pad = pad, .dilation = dilation}, int8));
          }
        }
}

TEST_CASE("series: groups and depthwise") {
  for (bool const int8 : {false, true})
    for (index_t const taps : {1, 3, 8, 40})
      for (index_t const stride : {1, 2}) {
        index_t const left = (taps - 1) / 2;
        conv_pad const pad{0, 0, left, taps - 1 - left};
        CAPTURE(taps);
        check_series_program(through({1, taps, stride, pad, 2}, int8));
        check_series_program(through({1, taps, stride, pad, 6}, int8));
        sample::builder b({1, 90, 6}, int8, 1);
        b.dense(b.global_avg_pool(b.relu(b.conv(0, 6, {1, taps, stride, pad, 6}))), 3);
        check_series_program(b.g);
      }
}

TEST_CASE("series: pools") {
  for (bool const int8 : {false, true})
    for (index_t const taps : {2, 3, 8})
      for (index_t const stride : {1, 2})
        for (bool const mean : {false, true}) {
          index_t const left = (taps - 1) / 2;
          sample::builder b({1, 31, 6}, int8, 1);
          auto const x = b.conv(0, 20, {.size_h = 1, .pad = {0, 0, 1, 1}});
          sample::builder::window const w{1, taps, stride, {0, 0, left, taps - 1 - left}};
          auto const y = mean ? b.avg_pool(x, w) : b.max_pool(x, w);
          b.dense(b.conv(y, 4, {.size_h = 1, .pad = {0, 0, 1, 1}}), 3);
          check_series_program(b.g);
        }
}

TEST_CASE("series: only taps apart need kernels of their own; a model without them does not name these") {
  sample::builder::window w{.size_h = 1, .pad = {0, 0, 1, 1}};
  for (bool const int8 : {false, true}) {
    kernel_kind const own = int8 ? kernel_kind::conv1d_s8 : kernel_kind::conv1d_f32,
                      plain = int8 ? kernel_kind::conv2d_s8 : kernel_kind::conv2d_f32;
    program const near = compile(through(w, int8));
    CHECK(!has_kernel(near, own));
    CHECK(emit(near).find("conv1d") == std::string::npos);
    w.dilation = 2, w.pad = {0, 0, 2, 2};
    program const far = compile(through(w, int8));
    CHECK(has_kernel(far, own));
    CHECK(has_kernel(far, plain));
    CHECK(far.macs() == near.macs());
    CHECK(far.is_bit_exact() == int8);
    w.dilation = 1, w.pad = {0, 0, 1, 1};
  }
}

TEST_CASE("series: a float value that is quantized inside the graph, and an addition") {
  sample::builder b({1, 40, 6}, true, 1);
  auto const x = b.conv(0, 8, {.size_h = 1, .size_w = 4, .pad = {0, 0, 1, 2}});
  b.g[x].weight_scale.clear();  // float
  auto const y = b.relu(b.conv(x, 8, {.size_h = 1, .size_w = 5, .pad = {0, 0, 4, 0}}));
  auto const z = b.conv(y, 8, {.size_h = 1, .pad = {0, 0, 2, 2}, .dilation = 2});
  b.dense(b.relu(b.add(z, y)), 3);
  program const p = compile(b.g);
  auto const in = sample::random_input(p.input_size(), 4);
  auto const expected = run_reference(run_passes(b.g), in.data());
  std::vector<float> found(3);
  session(p).run(in.data(), found.data());
  for (std::size_t i = 0; i < 3; ++i) CHECK(std::fabs(found[i] - expected[i]) < 0.1f);  // a step of a grid
}

TEST_CASE("series: graphs that make no sense") {
  sample::builder::window const w{.size_h = 1, .pad = {0, 0, 2, 2}, .dilation = 2};
  auto const broken = [&](auto change) {
    graph g = through(w, false);
    change(g[1]);
    try {
      (void)run_passes(g);
    } catch (petra::shape_error const& e) {
      return std::string(e.what());
    }
    return std::string("nothing");
  };
  CHECK(broken([](node&) {}) == "nothing");
  CHECK(broken([](node& n) {
          n.pad = {0, 0, 5, 0};
        }).find("pad smaller than the window, found 5") != std::string::npos);
  CHECK(broken([](node& n) { n.dilation = 0; }).find("dilation >= 1") != std::string::npos);
  CHECK(broken([](node& n) { n.groups = 2; }).find("of one group along a series") != std::string::npos);
  CHECK(broken([](node& n) { n.dilation = 50; }).find("inside the padded map 1x90x6, found 1x101") !=
        std::string::npos);
}

TEST_CASE("series: kernels of their own are measured by the keys that a model's layers made") {
  sample::builder::window const w{.size_h = 1, .pad = {0, 0, 2, 2}, .dilation = 2};
  program const p = compile(through(w, false));
  cost_table t;
  measure_missing(t, p, {.rounds = 1, .blocks = 1, .block_ns = 100});
  CHECK(t.latency_ns(p) > 0);
  CHECK(t.knows(kernel_kind::conv1d_f32));
  bool reached = false;
  for (cost_key const& k : reachable_keys(p)) {
    if (k.kind != kernel_kind::conv1d_s8) continue;
    reached = true;
    CHECK(k.text() == "conv1d_s8 1x90x6 1x3 s1 p2 g1 d2 -> 1x90x" + std::to_string(k.out.c));
    sample_call call(k);
    call();
    CHECK_THROWS_WITH_AS(sample_call(cost_key{k.kind, k.in, k.out, 1, 3, 1, 2}),
                         doctest::Contains("found one that no layer made"), petra::setting_error);
  }
  CHECK(reached);
  cost_table const again = costs_from_json(to_json(t), "costs");
  CHECK(again.entries() == t.entries());
  for (cost_key const& k : keys_of(p))
    if (is_series(k.kind))
      CHECK_THROWS_WITH_AS((void)built_in_costs().ns(k), doctest::Contains("expected an entry for conv1d_f32"),
                           petra::setting_error);
}

namespace nn = petra::nn;
using nn::causal;
using nn::conv1d;
using nn::low_rank;
using nn::window;

namespace {

petra::tensor<float> series_of(index_t steps, index_t channels) {
  petra::random r(7);
  return petra_test::noise({4, steps, channels}, r);
}

// Numbers of the trainable model, in float and in integers.
template <class Layer>
void check_layer(Layer layer, index_t channels, bool int8 = false) {
  constexpr index_t out = Layer::out;
  auto m = nn::sequential{std::move(layer), nn::relu{}, nn::global_avg_pool1d<>{}, nn::dense<out, 3>{}};
  if (get<0>(m.layers).bias.empty()) FAIL("expected a bias");
  alike::randomize(m);
  auto const x = series_of(90, channels);
  alike::check_float(m, x);
  if (int8) alike::check_int8(m, x);
}

}  // namespace

TEST_CASE("conv1d lowers to the numbers it trains with") {
  check_layer(conv1d<3, 5, window{.size = 1}>{}, 3);
  check_layer(conv1d<3, 5, window{.size = 8}>{}, 3, true);
  check_layer(conv1d<3, 5, window{.size = 8, .stride = 2, .pad = causal}>{}, 3);
  check_layer(conv1d<3, 5, window{.size = 40, .pad = 0}>{}, 3);
  check_layer(conv1d<3, 5, window{.size = 3, .pad = causal, .dilation = 4}>{}, 3, true);
  check_layer(conv1d<3, 5, window{.size = 40, .stride = 2, .dilation = 2}>{}, 3);
  check_layer(conv1d<4, 6, window{.size = 8, .groups = 2}>{}, 4);
  check_layer(conv1d<4, 4, window{.size = 9, .stride = 2, .groups = nn::per_channel}>{}, 4, true);
}

TEST_CASE("conv1d in two factors, and with a mask") {
  petra::random r(3);
  auto const x = series_of(40, 4);
  auto check = [&]<class Weight>(Weight) {
    nn::sequential m{conv1d<4, 12, window{.size = 5}, Weight>{}, nn::relu{},
                     conv1d<12, 6, window{.size = 3, .dilation = 2}, Weight>{}, nn::global_max_pool1d{},
                     nn::dense<6, 3>{}};
    petra_test::fill(get<0>(m.layers).weight, 12, 20, 2, r);
    petra_test::fill(get<2>(m.layers).weight, 6, 36, 2, r);
    alike::check_float(m, x);
    alike::check_int8(m, x, 0.1);
  };
  check(low_rank<>{});
  check(nn::full<nn::leaf<nn::mask>>{});
}

TEST_CASE("pool1d lowers to the numbers it trains with") {
  auto const x = series_of(21, 5);
  auto check = [&](auto pool) {
    auto m = nn::sequential{conv1d<5, 6>{}, pool, conv1d<6, 4, window{.size = 2}>{}, nn::global_max_pool1d{},
                            nn::dense<4, 3>{}};
    alike::randomize(m);
    alike::check_float(m, x);
    alike::check_int8(m, x);
  };
  check(nn::max_pool1d<>{});
  check(nn::max_pool1d<3, 1, nn::same>{});
  check(nn::avg_pool1d<4, 2, nn::same>{});
}

TEST_CASE("a series of the wrong kind") {
  CHECK_THROWS_WITH_AS((void)to_graph(nn::sequential{conv1d<3, 5>{}}, {4, 9, 3}),
                       doctest::Contains("0: expected a series (L,C), found a map of 4x9x3"), petra::shape_error);
  CHECK_THROWS_WITH_AS((void)to_graph(nn::sequential{conv1d<3, 5>{}}, {9, 4}),
                       doctest::Contains("0: expected 3 channels, found 4"), petra::shape_error);
  CHECK_THROWS_WITH_AS((void)to_graph(nn::sequential{conv1d<3, 5, window{.size = 4, .pad = 0}>{}}, {3, 3}),
                       doctest::Contains("expected a map of at least 4 pixels a side, found 3"), petra::shape_error);
}

TEST_CASE("a dense layer of a series: of each step, or of all") {
  auto const x = series_of(7, 5);
  auto m = nn::sequential{nn::dense<5, 8>{}, nn::relu{}, conv1d<8, 3>{}, nn::flatten{}, nn::dense<21, 4>{}};
  alike::randomize(m);
  alike::check_float(m, x);
  alike::check_int8(m, x, 0.1);
}

TEST_CASE("headers of series compile alone") {
  auto m = nn::sequential{conv1d<2, 6, window{.size = 8}>{},
                          nn::batch_norm<6>{},
                          nn::relu{},
                          nn::residual{nn::sequential{conv1d<6, 6, window{.dilation = 3}>{}, nn::relu{}}},
                          nn::max_pool1d<2, 2>{},
                          conv1d<6, 6, window{.size = 9, .pad = causal, .groups = nn::per_channel}>{},
                          nn::global_avg_pool1d<>{},
                          nn::dense<6, 3>{}};
  alike::randomize(m);
  auto const x = series_of(50, 2);
  alike::check_header(alike::check_float(m, x), x, "series_f32");
  alike::check_header(alike::check_int8(m, x, 0.1), x, "series_s8");
}
