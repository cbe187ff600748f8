#include "petra/deploy/widen_groups.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "petra/deploy/compile.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/deploy/reference.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

using enum kernel_kind;

// Dense calls at 1 ns per multiply-accumulate, int4 ones at `int4`, whatever the group.
cost_table table(double int4) {
  cost_table t;
  for (auto const& [kind, ns] : {std::pair(conv2d_s8, 1.), std::pair(dense_s8_f32, 1.), std::pair(dense_s4_s8, int4),
                                 std::pair(dense_s4_s8_f32, int4)}) {
    cost_key const k{kind, {4, 4, 8}, {4, 4, 8}};
    t.insert(k, ns * k.work());
  }
  return t;
}

index_t int4_steps(program const& p) {
  return std::count_if(p.steps().begin(), p.steps().end(), [](step const& s) { return is_int4(s.kind); });
}

std::vector<float> outputs(program const& p, std::uint64_t seed) {
  auto const x = sample::random_input(p.input_size(), seed);
  std::vector<float> y(static_cast<std::size_t>(p.output_size()));
  session(p).run(x.data(), y.data());
  return y;
}
std::vector<float> expected(graph const& finished, std::uint64_t seed) {
  auto const x = sample::random_input(finished[0].out.count(), seed);
  return run_reference(finished, x.data());
}

// A 1x1 convolution and two dense layers, all of whose inputs are multiples of 16.
graph layers() {
  sample::builder b({5, 3, 48}, true, 3);
  b.dense(b.relu(b.dense(b.relu(b.conv(0, 32, {1, 1, 1, 0, 1})), 64)), 7);
  return std::move(b.g);
}

}  // namespace

TEST_CASE("int4 groups: the bits of the reference, whatever the group") {
  for (index_t const group : {8, 16, 32, 48}) {
    graph const g = sample::int4_groups(layers(), group);
    program const p = compile(g, {.keep_compressed = true});
    CAPTURE(group);
    CHECK(int4_steps(p) == std::count_if(g.nodes.begin(), g.nodes.end(), [](node const& n) { return n.group > 0; }));
    CHECK(int4_steps(p) > 0);
    CHECK(p.is_bit_exact());
    for (std::uint64_t seed = 1; seed < 4; ++seed) CHECK(outputs(p, seed) == expected(run_passes(g), seed));
  }
}

TEST_CASE("int4 groups: finer ones come closer to int8") {
  graph const int8 = run_passes(layers());
  double last = 1e9;
  for (index_t const group : {480, 16, 8}) {
    double off = 0;
    graph g = layers();
    if (group == 480)
      for (node& n : g.nodes) {
        n.weight_bits = n.kind == op::conv2d ? 4 : 8;
        for (float& s : n.weight_scale) s *= 127.f / 7;
      }
    else
      g = sample::int4_groups(g, group);
    for (std::uint64_t seed = 1; seed < 9; ++seed) {
      auto const y = expected(run_passes(g), seed), exact = expected(int8, seed);
      for (std::size_t k = 0; k < y.size(); ++k) off += std::fabs(static_cast<double>(y[k] - exact[k]));
    }
    CHECK(off < last);
    last = off;
  }
}

TEST_CASE("int4 groups: int8 where that is faster, and the place says so") {
  graph const g = sample::int4_groups(layers(), 16);
  cost_table const quick = table(1), slow = table(1.01);
  program const p = compile(g, {.costs = &quick}), wide = compile(g, {.costs = &slow}),
                kept = compile(g, {.costs = &slow, .keep_compressed = true});
  CHECK(int4_steps(p) == 3);
  CHECK(int4_steps(kept) == 3);
  CHECK(int4_steps(wide) == 0);
  CHECK(kept.size_bytes() < wide.size_bytes() * 7 / 10);
  for (step const& s : wide.steps()) CHECK((s.macs() > 0) == s.place.ends_with(" (int4 widened to int8)"));
  graph const finished = finish(g, {.costs = &slow});
  for (std::uint64_t seed = 1; seed < 4; ++seed) {
    CHECK(outputs(wide, seed) == expected(finished, seed));
    auto const a = outputs(wide, seed), b = outputs(p, seed);
    float most = 0, off = 0;
    for (std::size_t k = 0; k < a.size(); ++k)
      most = std::max(most, std::fabs(b[k])), off = std::max(off, std::fabs(a[k] - b[k]));
    CHECK(off < 0.1f * most);
  }
  // Weights are off by at most half a step of eight bits.
  graph const passed = run_passes(g);
  node widened = passed[2];
  widen(widened);
  {
    auto const exact = weights_on_grid(passed[2]), rounded = weights_on_grid(widened);
    index_t const inputs = exact.cols();
    for (index_t k = 0; k < exact.size(); ++k)
      CHECK(std::fabs(exact[k] - rounded[k]) <= 0.501f * widened.weight_scale[static_cast<std::size_t>(k / inputs)]);
  }
}

TEST_CASE("int4 groups: layers that no kernel can do are an error") {
  using doctest::Contains;
  auto const refusal = [](graph const& g, lower_settings const& settings = {.keep_compressed = true}) {
    try {
      (void)compile(g, settings);
      return doctest::String{};
    } catch (petra::stage_error const& e) {
      return doctest::String{e.what()};
    }
  };
  CHECK(refusal(sample::int4_groups(layers(), 16)) == "");
  CHECK(refusal(sample::int4_groups(layers(), 16), {.forms = nullptr}) == Contains("lower_settings::forms"));
  sample::builder window({6, 6, 16}, true, 1);
  window.dense(window.conv(0, 16, {3, 3, 1, 1, 1}), 4);
  CHECK(refusal(sample::int4_groups(window.g, 16)) ==
        Contains("conv2d at 1: int4 weights in groups expect a dense layer"));
  sample::builder large({1, 1, 8192}, true, 1);
  large.dense(0, 2);
  CHECK(refusal(sample::int4_groups(large.g, 64)) ==
        Contains("expected smaller scales of groups of 8192 int4 weights"));
}

TEST_CASE("int4 groups: factors in groups stay two steps, or become their twin") {
  graph const g = sample::int4_groups(sample::factors(true, {.in = {5, 3, 96}, .rank = 16, .outputs = 64}), 16);
  program const p = compile(g, {.wanted = form::low_rank});
  CHECK(int4_steps(p) == 3);
  CHECK(outputs(p, 1) == expected(run_passes(g), 1));
}

// The law: whatever the shape and the group, what becomes of int4 weights is not slower than int8, says the table.
TEST_CASE("int4 groups: never slower than int8, by the built-in table") {
  cost_table const& costs = built_in_costs();
  petra::random r(3);
  int kept = 0, widened = 0;
  for (int sample = 0; sample < 200; ++sample) {
    index_t const side = r.index(2) == 0 ? 1 : 1 + r.index(10), c = 128 * (1 + r.index(3));
    sample::builder b({side, side, c}, true, 1);
    b.global_avg_pool(b.conv(0, 8 + r.index(200), {1, 1, 1, 0, 1}));
    graph const g = sample::int4_groups(b.g, index_t{8} << r.index(5)), chosen = finish(g);
    for (index_t i = 1; i < chosen.size(); ++i) {
      node const& n = chosen[i];
      if (n.kind != op::conv2d || !n.is_int8()) continue;
      widened += n.place.ends_with(")");
      kept += n.group > 0;
      CHECK(costs.ns(key_of(chosen, i, n.form, facts_of(chosen, i))) <= costs.ns(dense_key(chosen, n)));
    }
  }
  MESSAGE(kept << " kept, " << widened << " widened");
  CHECK(kept + widened == 200);
}
