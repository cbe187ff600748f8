#include "petra/deploy/choose_forms.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "petra/deploy/compile.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/deploy/reference.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

// A table that knows all kernels of `kinds`, each call at so many ns per unit of work.
cost_table table(std::vector<std::pair<kernel_kind, double>> const& kinds) {
  cost_table t;
  for (auto const& [kind, ns] : kinds) {
    cost_key k{kind, {4, 4, 8}, {4, 4, 8}};
    t.insert(k, ns * k.work());
  }
  return t;
}

std::vector<kernel_kind> kinds_of(program const& p) {
  std::vector<kernel_kind> kinds;
  for (step const& s : p.steps()) kinds.push_back(s.kind);
  return kinds;
}
index_t steps_of(program const& p, kernel_kind k) {
  auto const kinds = kinds_of(p);
  return std::count(kinds.begin(), kinds.end(), k);
}

// Largest difference from the reference, relative to the largest logit.
double error(graph const& g, program const& p) {
  graph const finished = run_passes(g);
  session s(p);
  double worst = 0;
  for (std::uint64_t sample = 0; sample < 3; ++sample) {
    auto const x = sample::random_input(p.input_size(), petra::key(9, sample));
    auto const expected = run_reference(finished, x.data());
    std::vector<float> logits(expected.size());
    s.run(x.data(), logits.data());
    float most = 1;
    for (float const v : expected) most = std::max(most, std::fabs(v));
    for (std::size_t i = 0; i < logits.size(); ++i)
      worst = std::max(worst, static_cast<double>(std::fabs(logits[i] - expected[i]) / most));
  }
  return worst;
}

using enum kernel_kind;

}  // namespace

TEST_CASE("choose_forms: int4 where the weights fit it and the table says it is not slower, with the same bits") {
  cost_table const quick = table({{conv2d_s8, 1}, {dense_s8_f32, 1}, {dense_s4_s8, 0.5}, {dense_s4_s8_f32, 1}}),
                   slow = table({{conv2d_s8, 1}, {dense_s8_f32, 1}, {dense_s4_s8, 1.01}, {dense_s4_s8_f32, 1.01}}),
                   none = table({{conv2d_s8, 1}, {dense_s8_f32, 1}});
  graph const small = sample::products(true, 7), wide = sample::products(true, 9);
  program const p = compile(small, {.costs = &quick}), dense = compile(small, {.costs = &slow});
  CHECK(steps_of(p, dense_s4_s8) == 2);
  CHECK(steps_of(p, dense_s4_s8_f32) == 1);
  CHECK(error(small, p) == 0);
  CHECK(error(small, dense) == 0);
  CHECK(p.is_bit_exact());
  CHECK(p.macs() == dense.macs());
  CHECK(2 * p.size_bytes() < dense.size_bytes() + 1200);  // biases, factors and the ones of scales stay
  for (cost_table const* t : {&slow, &none}) CHECK(steps_of(compile(small, {.costs = t}), dense_s4_s8) == 0);
  program const plain = compile(wide, {.costs = &quick});
  CHECK(steps_of(plain, dense_s4_s8) + steps_of(plain, dense_s4_s8_f32) == 0);
  CHECK(error(wide, plain) == 0);
}

TEST_CASE("choose_forms: block-sparse where what is kept takes less time, says the table; the same bits in int8") {
  cost_table t = table({{conv2d_s8, 1}, {dense_s8_f32, 1}, {conv2d_f32, 1}, {dense_f32, 1}});
  for (kernel_kind const k : {dense_block_sparse_s8, dense_block_sparse_s8_f32, dense_block_sparse_f32}) {
    cost_key key{k, {4, 1, 16}, {4, 1, 16}};
    key.kept = 64;
    t.insert(key, 2.5 * key.work());  // 2.5 times as long per weight as dense: pays below 40 %
  }
  for (bool const int8 : {false, true})
    for (index_t const every : {1, 2, 3, 8}) {
      graph g = sample::products(int8);
      sample::keep_blocks(g, every);
      program const p = compile(g, {.costs = &t}), dense = compile(sample::products(int8), {.costs = &t});
      index_t const sparse = int8 ? steps_of(p, dense_block_sparse_s8) + steps_of(p, dense_block_sparse_s8_f32)
                                  : steps_of(p, dense_block_sparse_f32);
      CAPTURE(int8);
      CAPTURE(every);
      CHECK(sparse == (every >= 3 ? 3 : 0));
      if (every >= 3) CHECK(p.size_bytes() < dense.size_bytes());
      CHECK(p.macs() == dense.macs());
      CHECK(p.is_bit_exact() == int8);
      if (int8)
        CHECK(error(g, p) == 0);
      else
        CHECK(error(g, p) <= 1e-5);
      for (cost_key const& k : keys_of(p)) CHECK((k.kept > 0) == is_block_sparse(k.kind));
    }
  // Nothing left at all.
  graph nothing = sample::products(true);
  for (node& n : nothing.nodes)
    for (float& w : n.weight) w = 0;
  program const p = compile(nothing, {.costs = &t});
  CHECK(steps_of(p, dense_block_sparse_s8) == 2);
  CHECK(error(nothing, p) == 0);
}

TEST_CASE("choose_forms: 2:4 where two of every four weights are zero") {
  cost_table const t = table({{conv2d_s8, 1}, {dense_s8_f32, 1}, {dense_2_4_s8, 0.9}, {dense_2_4_s8_f32, 0.9}});
  graph g = sample::products(true);
  CHECK(steps_of(compile(g, {.costs = &t}), dense_2_4_s8) == 0);
  for (node& n : g.nodes)
    for (index_t i = 0; n.kind == op::conv2d && i < n.weight.size(); ++i)
      if (i % (n.weight.size() / n.out.c) % 4 > 1) n.weight[i] = 0;
  program const p = compile(g, {.costs = &t}), dense = compile(sample::products(true), {.costs = &t});
  CHECK(steps_of(p, dense_2_4_s8) == 2);
  CHECK(steps_of(p, dense_2_4_s8_f32) == 1);
  CHECK(p.size_bytes() < dense.size_bytes());
  CHECK(error(g, p) == 0);
}

TEST_CASE("choose_forms: a form that is wanted is taken wherever it fits, whatever the table says") {
  program const p = compile(sample::products(true, 7), {.wanted = form::int4});
  CHECK(steps_of(p, dense_s4_s8) == 2);
  CHECK(steps_of(compile(sample::products(true), {.wanted = form::int4}), dense_s4_s8) == 0);
  CHECK(steps_of(compile(sample::resnet8(false), {.wanted = form::winograd}), winograd_f32) == 5);
}

TEST_CASE("choose_forms: bf16 is taken where it is wanted, by layers in float without groups, and never unasked") {
  cost_table const quick = table({{conv2d_f32, 1}, {dense_f32, 1}, {conv2d_bf16, 0.1}, {dense_bf16, 0.1}});
  graph const g = sample::resnet8(false);
  program const f32 = compile(g, {.costs = &quick, .spend_memory = true}), p = compile(g, {.wanted = form::bf16});
  CHECK(steps_of(f32, conv2d_bf16) + steps_of(f32, dense_bf16) == 0);
  CHECK(steps_of(p, conv2d_bf16) == steps_of(f32, conv2d_f32));
  CHECK(steps_of(p, dense_bf16) == 1);
  CHECK(p.macs() == f32.macs());
  program const zoo = compile(sample::zoo(false), {.wanted = form::bf16});
  CHECK(steps_of(zoo, depthwise_f32) == steps_of(compile(sample::zoo(false)), depthwise_f32));
  program const int8 = compile(sample::resnet8(true), {.wanted = form::bf16});
  CHECK(steps_of(int8, conv2d_bf16) == 0);
}

TEST_CASE("choose_forms: none where programs know dense layers only") {
  program const p = compile(sample::products(true, 7), {.forms = nullptr, .wanted = form::int4});
  CHECK(steps_of(p, dense_s4_s8) == 0);
  CHECK(error(sample::products(true, 7), p) == 0);
}

TEST_CASE("choose_forms: a frame around a map keeps a product dense") {
  cost_table const quick = table({{conv2d_s8, 1}, {dense_s8_f32, 1}, {dense_s4_s8, 0.5}, {dense_s4_s8_f32, 0.5}});
  sample::builder b({6, 6, 8}, true, 1);
  b.dense(b.conv(b.conv(0, 8, {1, 1, 1, 0, 1}), 8, {3, 3, 1, 1, 1}), 4);
  for (node& n : b.g.nodes)
    for (float& scale : n.weight_scale) scale *= 127.f / 7;
  program const p = compile(b.g, {.costs = &quick});
  CHECK(steps_of(p, dense_s4_s8) == 0);
  CHECK(steps_of(p, dense_s4_s8_f32) == 1);
  CHECK(error(b.g, p) == 0);
}

TEST_CASE("choose_forms: Winograd only where memory may be spent, close to the reference") {
  cost_table const quick = table({{conv2d_f32, 1}, {dense_f32, 1}, {winograd_f32, 0.5}});
  graph const g = sample::resnet8(false, {16, 16, 3}, 16);
  program const direct = compile(g, {.costs = &quick}), p = compile(g, {.costs = &quick, .spend_memory = true});
  CHECK(steps_of(direct, winograd_f32) == 0);
  CHECK(steps_of(p, winograd_f32) == 5);  // all with a 3x3 window and stride 1
  CHECK(steps_of(p, conv2d_f32) == steps_of(direct, conv2d_f32) - 5);
  CHECK(p.size_bytes() > direct.size_bytes());
  CHECK(p.arena_bytes() > direct.arena_bytes());
  CHECK(p.macs() == direct.macs());
  double const off = error(g, p);
  CHECK(off <= 1e-4);
  CHECK(off > 0);
}

TEST_CASE("choose_forms: what is chosen is never slower than its dense twin, says the table") {
  for (graph const& g : {sample::products(true, 7), sample::products(true), sample::zoo(true), sample::zoo(false),
                         sample::resnet8(false), sample::resnet8(true)})
    for (bool const spend : {false, true}) {
      graph chosen = run_passes(g);
      choose_forms(chosen, built_in_costs(), spend);
      graph again = chosen;
      choose_forms(again, built_in_costs(), spend);
      for (index_t i = 1; i < chosen.size(); ++i) {
        CHECK(again[i].form == chosen[i].form);
        if (chosen[i].form != form::dense)
          CHECK(built_in_costs().ns(key_of(chosen, i, chosen[i].form, facts_of(chosen, i))) <=
                built_in_costs().ns(key_of(chosen, i, form::dense, facts_of(chosen, i))));
      }
      CHECK(error(g, compile(g, {.spend_memory = spend})) <= 1e-4);
    }
}

namespace {

// One layer with the extents of k, whose weights fit the form of its kernel.
graph layer_of(cost_key const& k) {
  bool const int8 = k.kind > quantize, ends = k.out.h == 1 && int8;
  sample::builder b(k.in, int8, 1);
  index_t const x = b.conv(0, k.out.c, {k.kernel_h, k.kernel_w, 1, k.pad, 1});
  if (!ends) b.global_avg_pool(x);
  node& n = b.g[x];
  index_t const inputs = n.weight.size() / n.out.c;
  if (is_int4(k.kind))
    for (float& s : n.weight_scale) s *= 127.f / 7;
  for (index_t i = 0; i < n.weight.size(); ++i) {
    index_t const o = i / inputs, c = i % inputs, block = o / 16 * ((inputs + 3) / 4) + c / 4;
    bool const two = k.kind == dense_2_4_s8 || k.kind == dense_2_4_s8_f32;
    if ((two && c % 4 > 1) || (is_block_sparse(k.kind) && block % (n.weight.size() / k.kept) != 0)) n.weight[i] = 0;
  }
  return k.groups > 1 ? sample::int4_groups(b.g, k.groups) : std::move(b.g);
}

bool ends_in_float(kernel_kind k) {
  return k == dense_s8_f32 || k == dense_s4_s8_f32 || k == dense_block_sparse_s8_f32 || k == dense_2_4_s8_f32;
}

}  // namespace

// The law, by every entry of the table of this instruction set that another form than dense has.
TEST_CASE("choose_forms: no entry of the built-in table is chosen where dense is faster") {
  cost_table const& costs = built_in_costs();
  int chosen = 0, dense = 0;
  for (auto const& [key, ns] : costs.entries()) {
    if (!is_form(key.kind) || key.kind == dense_low_rank_f32 || key.kind == dense_low_rank_s8) continue;
    if (key.in.c * key.out.c > 256 * 256 && key.in.h != 8) continue;  // large weights once: they take long to make
    graph const g = finish(layer_of(key), {.spend_memory = true});
    index_t i = 1;
    while (g[i].kind != op::conv2d) ++i;
    cost_key const dense_twin = dense_key(g, g[i]), as = key_of(g, i, g[i].form, facts_of(g, i));
    CAPTURE(key.text());
    CHECK(costs.ns(as) <= costs.ns(dense_twin));
    // A layer of one pixel ends the graph and gives floats, which is another entry than the one that stays in int8.
    if (ends_in_float(key.kind) == ends_in_float(dense_twin.kind) && ns < costs.ns(dense_twin)) CHECK(is_form(as.kind));
    ++(is_form(as.kind) ? chosen : dense);
  }
  MESSAGE(chosen << " in their form, " << dense << " dense");
  CHECK(chosen > 0);
  CHECK(dense > 0);
}

TEST_CASE("choose_forms: a node's key is that of the step it becomes") {
  cost_table const quick = table({{conv2d_s8, 1},
                                  {dense_s8_f32, 1},
                                  {dense_s4_s8, 0.5},
                                  {dense_s4_s8_f32, 0.5},
                                  {conv2d_f32, 1},
                                  {winograd_f32, 0.5}});
  for (graph const& g : {sample::products(true, 7), sample::resnet8(false), sample::zoo(true)}) {
    graph finished = run_passes(g);
    choose_forms(finished, quick, true);
    fuse_add(finished);
    program const p = compile(g, {.costs = &quick, .spend_memory = true});
    auto const offset =
        static_cast<index_t>(p.steps().size()) - finished.size();  // 1 if the input is loaded: node i, step i - 1 + 1
    for (index_t i = 1; i < finished.size(); ++i)
      if (finished[i].kind == op::conv2d)
        CHECK(key_of(p.steps()[static_cast<std::size_t>(i + offset)]) ==
              key_of(finished, i, finished[i].form, facts_of(finished, i)));
  }
}
