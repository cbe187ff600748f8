// Convolutions along series, from the graph to the header: neighboring taps by the kernels of two dimensions, taps apart by
// kernels of their own.
#include "petra/deploy/run_series.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "petra/deploy/built_in_costs.hpp"
#include "petra/deploy/compile.hpp"
#include "petra/deploy/cost_measure.hpp"
#include "petra/deploy/emit.hpp"
#include "petra/deploy/reference.hpp"
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
        index_t const all = 2 * (taps - 1);
        check_series_program(through({1, taps, stride, {0, 0, all, 0}, 2, 2}, int8));
        sample::builder apart({1, 90, 6}, int8, 1);
        auto const y = apart.relu(apart.conv(0, 6, {1, taps, stride, {0, 0, all / 2, all - all / 2}, 6, 2}));
        apart.dense(apart.global_avg_pool(apart.conv(y, 5, {.size_h = 1, .pad = {0, 0, 1, 1}})), 3);
        check_series_program(apart.g);
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
  CHECK(broken([](node& n) {
          n.kernel_h = 2, n.pad = {1, 0, 2, 2};
        }).find("a convolution along a series") != std::string::npos);
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
