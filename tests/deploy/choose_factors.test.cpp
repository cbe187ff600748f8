#include "petra/deploy/choose_factors.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "petra/deploy/compile.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/deploy/reference.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

using enum kernel_kind;

// Every call at so many ns per multiply-accumulate: dense ones at 1, the one step at `fused`.
cost_table table(double fused, double wide = 1) {
  cost_table t;
  auto const add = [&](kernel_kind kind, index_t c, double ns) {
    cost_key k{kind, {4, 4, c}, {4, 4, c}};
    if (kind == dense_low_rank_f32 || kind == dense_low_rank_s8) k.kept = 2 * c;
    t.insert(k, ns * k.work());
  };
  for (kernel_kind const k : {conv2d_s8, dense_s8_f32, conv2d_f32, dense_f32})
    for (index_t const c : {8, 512}) add(k, c, c == 8 ? 1 : wide);
  for (kernel_kind const k : {dense_low_rank_f32, dense_low_rank_s8}) add(k, 8, fused);
  return t;
}

index_t count(program const& p, kernel_kind k) {
  return std::count_if(p.steps().begin(), p.steps().end(), [&](step const& s) { return s.kind == k; });
}

std::vector<float> outputs(program const& p) {
  auto const x = sample::random_input(p.input_size(), 5);
  std::vector<float> y(static_cast<std::size_t>(p.output_size()));
  session(p).run(x.data(), y.data());
  return y;
}

// Largest difference, relative to the largest value.
double difference(std::vector<float> const& a, std::vector<float> const& b) {
  double worst = 0, most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    most = std::max(most, std::fabs(static_cast<double>(b[i])));
  }
  return worst / most;
}

std::vector<float> expected(graph const& g, lower_settings const& settings = {.forms = nullptr}) {
  auto const x = sample::random_input(g[0].out.count(), 5);
  return run_reference(finish(g, settings), x.data());
}

}  // namespace

TEST_CASE("choose_factors: one step where it is not slower than two, the same bits in int8") {
  cost_table const quick = table(1), slow = table(1.01);
  for (bool const int8 : {false, true})
    for (auto const& e : {sample::factor_extents{}, sample::factor_extents{.in = {7, 9, 70}, .rank = 33, .outputs = 80},
                          sample::factor_extents{.in = {1, 1, 64}, .rank = 4, .outputs = 24},
                          sample::factor_extents{.in = {4, 4, 20}, .rank = 8, .outputs = 33, .whole_map = true}}) {
      graph const g = sample::factors(int8, e);
      program const p = compile(g, {.costs = &quick}), two = compile(g, {.costs = &slow});
      kernel_kind const fused = int8 ? dense_low_rank_s8 : dense_low_rank_f32;
      CAPTURE(int8);
      CAPTURE(e.rank);
      CHECK(count(p, fused) == 1);
      CHECK(count(two, fused) == 0);
      CHECK(p.steps().size() == two.steps().size() - 1);
      CHECK(p.macs() == two.macs());
      CHECK(p.size_bytes() == two.size_bytes());
      CHECK(p.is_bit_exact() == int8);
      if (int8) {
        CHECK(outputs(p) == expected(g, {.costs = &quick}));
        CHECK(outputs(p) == expected(g));
        CHECK(outputs(two) == expected(g));
      } else {
        CHECK(difference(outputs(p), expected(g)) <= 1e-5);
      }
    }
}

TEST_CASE("choose_factors: memory is that of the dense twin, and a few rows") {
  program const p =
      compile(sample::factors(true, {.in = {20, 20, 64}, .rank = 16, .outputs = 64}), {.wanted = form::low_rank});
  CHECK(p.arena_bytes() == 20 * 20 * (64 + 64) + 96 * 16 + slack_bytes);
}

TEST_CASE("choose_factors: the dense twin where it is faster than both, and its place says so") {
  for (bool const int8 : {false, true})
    for (auto const& e : {sample::factor_extents{}, sample::factor_extents{.whole_map = true}}) {
      graph const g = sample::factors(int8, e), passed = run_passes(g);
      cost_table t = table(1);
      for (cost_key const& k : keys_of(compile(g, {.forms = nullptr}))) t.insert(k, k.work());
      index_t const second = int8 ? 3 : 2;  // behind the input, and its quantization
      cost_key const twin = dense_key(passed, twin_extents(passed[second - 1], passed[second]));
      t.insert(twin, 0.1 * twin.work());
      program const p = compile(g, {.costs = &t}), kept = compile(g, {.costs = &t, .keep_compressed = true});
      CAPTURE(int8);
      CHECK(p.steps().size() == compile(g, {.forms = nullptr}).steps().size() - 1);
      CHECK(count(p, dense_low_rank_s8) + count(p, dense_low_rank_f32) == 0);
      CHECK(std::any_of(p.steps().begin(), p.steps().end(),
                        [](step const& s) { return s.place.ends_with(" (factors multiplied out)"); }));
      CHECK(count(kept, int8 ? dense_low_rank_s8 : dense_low_rank_f32) == 1);
      CHECK(kept.size_bytes() < p.size_bytes());
      // The reference of what was chosen; in float also that of the pair.
      CHECK(difference(outputs(p), expected(g, {.costs = &t})) <= (int8 ? 0 : 1e-5));
      CHECK(difference(outputs(p), expected(g)) <= (int8 ? 0.2 : 1e-5));
      if (int8) CHECK(outputs(kept) == expected(g));
    }
}

TEST_CASE("choose_factors: what the kernel cannot take stays two steps") {
  for (bool const int8 : {false, true}) {
    lower_settings const wanted{.wanted = form::low_rank};
    auto const fused = [&](graph const& g) {
      program const p = compile(g, wanted);
      CHECK(difference(outputs(p), expected(g)) <= (int8 ? 0 : 1e-5));
      return count(p, dense_low_rank_s8) + count(p, dense_low_rank_f32);
    };
    CHECK(fused(sample::factors(int8)) == 1);
    CHECK(fused(sample::factors(int8, {.size = 3})) == 0);
    CHECK(fused(sample::products(int8)) == 0);
    sample::builder framed({5, 3, 48}, int8, 1);
    framed.dense(framed.conv(framed.conv(framed.conv(0, 6, {1, 1, 1, 0, 1}), 40, {1, 1, 1, 0, 1}), 8, {3, 3, 1, 1, 1}),
                 7);
    CHECK(fused(framed.g) == 0);
    sample::builder last({1, 1, 48}, int8, 1);  // ends the model: int8 sums leave in float, which the kernel does not
    last.dense(last.dense(0, 6), 40);
    CHECK(fused(last.g) == (int8 ? 0 : 1));
  }
}

TEST_CASE("choose_factors: two pairs in a row, and again") {
  for (bool const int8 : {false, true}) {
    sample::builder b({4, 4, 48}, int8, 1);
    index_t x = b.conv(b.conv(0, 6, {1, 1, 1, 0, 1}, false), 40, {1, 1, 1, 0, 1});
    x = b.conv(b.conv(x, 4, {1, 1, 1, 0, 1}, false), 32, {1, 1, 1, 0, 1});
    b.dense(x, 5);
    lower_settings const settings{.wanted = form::low_rank};
    graph once = finish(b.g, settings), again = once;
    choose_factors(again, built_in_costs(), settings);
    choose_forms(again, built_in_costs(), false, form::low_rank);
    CHECK(again.size() == once.size());
    for (index_t i = 0; i < once.size(); ++i) CHECK(again[i].form == once[i].form);
    program const p = compile(b.g, settings);
    CHECK(count(p, int8 ? dense_low_rank_s8 : dense_low_rank_f32) == 2);
    CHECK(difference(outputs(p), expected(b.g)) <= (int8 ? 0 : 1e-5));
  }
}

// The law, by every entry of the table of this instruction set that the one step has.
TEST_CASE("choose_factors: no entry of the built-in table is chosen where dense is faster") {
  cost_table const& costs = built_in_costs();
  int chosen = 0;
  for (auto const& [key, ns] : costs.entries()) {
    if (key.kind != dense_low_rank_f32 && key.kind != dense_low_rank_s8) continue;
    if (key.in.c * key.out.c > 256 * 256 && key.in.h > 8) continue;  // long to multiply out, without optimization
    bool const int8 = key.kind == dense_low_rank_s8;
    sample::builder b(key.in, int8, 1);
    b.global_avg_pool(
        b.conv(b.conv(0, key.kept / (key.in.c + key.out.c), {1, 1, 1, 0, 1}, false), key.out.c, {1, 1, 1, 0, 1}));
    program const p = compile(b.g);
    double cost = 0;
    for (step const& s : p.steps())
      if (s.macs() > 0) cost += costs.ns(key_of(s));
    CAPTURE(key.text());
    CHECK(cost <= costs.ns({int8 ? conv2d_s8 : conv2d_f32, key.in, key.out}));
    chosen += count(p, key.kind) == 1;
  }
  MESSAGE(chosen << " in one step");
  CHECK(chosen > 0);
}

// The law: whatever the shape, what a factorized layer becomes is not slower than its dense twin, says the table.
TEST_CASE("choose_factors: a factorized layer is never slower than its dense twin, by the built-in table") {
  cost_table const& costs = built_in_costs();
  petra::random r(17);
  int one_step = 0, two_steps = 0, multiplied = 0;
  for (int sample = 0; sample < 400; ++sample) {
    bool const int8 = r.index(2) == 1;
    index_t const side = r.index(3) == 0 ? 1 : 1 + r.index(10), size = side > 2 && r.index(3) == 0 ? 3 : 1;
    sample::factor_extents const e{{side, side, 8 + r.index(120)}, 2 + r.index(40), 8 + r.index(120), size};
    graph const g = run_passes(sample::factors(int8, e));
    index_t at = 1;
    while (at < g.size() && !is_factor_pair(g, readers(g), at)) ++at;
    if (at == g.size()) continue;  // as large as its product
    double const twin = costs.ns(dense_key(g, twin_extents(g[g[at].inputs[0]], g[at])));
    graph const chosen = finish(g);
    double lowered = 0;
    for (index_t i = 1; i + 1 < chosen.size(); ++i) {
      node const& n = chosen[i];
      if (n.kind != op::conv2d || n.out.c == 7) continue;
      cost_key const k = n.form == form::low_rank ? cost_key{kind_of(chosen, i, n.form),
                                                             {side * side, 1, e.in.c},
                                                             {side * side, 1, e.outputs},
                                                             1,
                                                             1,
                                                             1,
                                                             0,
                                                             1,
                                                             e.rank * (e.in.c + e.outputs)}
                                                  : key_of(chosen, i, n.form, facts_of(chosen, i));
      lowered += costs.ns(k);
      one_step += n.form == form::low_rank;
      multiplied += n.place.ends_with(")");
    }
    two_steps += chosen.size() == g.size();
    CAPTURE(int8);
    CAPTURE(e.in.c);
    CAPTURE(e.outputs);
    CAPTURE(e.rank);
    CAPTURE(side);
    CHECK(lowered <= twin * (1 + 1e-12));
  }
  MESSAGE(one_step << " in one step, " << two_steps << " in two, " << multiplied << " multiplied out");
  CHECK(one_step + two_steps > 0);
  CHECK(multiplied > 0);
}
