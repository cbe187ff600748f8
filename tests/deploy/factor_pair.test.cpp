#include "petra/deploy/factor_pair.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "petra/deploy/passes.hpp"
#include "petra/deploy/reference.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

// The second factor of a pair; -1: none.
index_t pair_in(graph const& g) {
  auto const read_by = readers(g);
  for (index_t i = 1; i < g.size(); ++i)
    if (is_factor_pair(g, read_by, i)) return i;
  return -1;
}

// g with its pair multiplied out. Pre: it has one.
graph with_twin(graph g) {
  index_t const i = pair_in(g), at = g[i].inputs[0];
  g[i] = multiplied_out(g[at], g[i]);
  std::vector<char> keep(g.nodes.size(), true);
  keep[static_cast<std::size_t>(at)] = false;
  keep_nodes(g, keep);
  return g;
}

// Root of the ratio of summed squares: how far a is off b.
double off(std::vector<float> const& a, std::vector<float> const& b) {
  double d = 0, all = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto const x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    d += (x - y) * (x - y), all += y * y;
  }
  return std::sqrt(d / all);
}

}  // namespace

TEST_CASE("factor pair: a narrow map that one 1x1 convolution reads") {
  for (bool const int8 : {false, true}) {
    graph const g = run_passes(sample::factors(int8));
    index_t const i = pair_in(g);
    REQUIRE(i > 0);
    CHECK(g[i].out.c == 40);
    CHECK(pair_in(run_passes(sample::factors(int8, {.size = 3}))) > 0);
    CHECK(pair_in(run_passes(sample::factors(int8, {.whole_map = true}))) > 0);
    CHECK(pair_in(run_passes(sample::factors(int8, {.rank = 22}))) == -1);  // 22 (48 + 40) > 48 * 40
    CHECK(pair_in(run_passes(sample::factors(int8, {.rank = 21}))) > 0);
    CHECK(pair_in(run_passes(sample::products(int8))) == -1);  // a ReLU between them

    sample::builder twice({5, 3, 48}, int8, 1);  // the narrow map has two readers
    index_t const narrow = twice.conv(0, 6, {1, 1, 1, 0, 1});
    twice.dense(twice.add(twice.conv(narrow, 40, {1, 1, 1, 0, 1}), twice.conv(narrow, 40, {1, 1, 1, 0, 1})), 7);
    CHECK(pair_in(run_passes(twice.g)) == -1);

    sample::builder groups({5, 3, 48}, int8, 1);
    groups.dense(groups.conv(groups.conv(0, 6, {1, 1, 1, 0, 2}), 40, {1, 1, 1, 0, 1}), 7);
    CHECK(pair_in(run_passes(groups.g)) == -1);

    sample::builder wide({5, 3, 48}, int8, 1);  // the second is no product along the channels
    wide.dense(wide.conv(wide.conv(0, 6, {1, 1, 1, 0, 1}), 40, {3, 3, 1, 1, 1}), 7);
    CHECK(pair_in(run_passes(wide.g)) == -1);
  }
}

TEST_CASE("factor pair: its twin computes the same in float, any window, with both biases") {
  for (index_t const size : {1, 3, 5}) {
    graph g = sample::factors(false, {.size = size});
    g[1].bias = petra::tensor<float>({1, 6});
    for (index_t r = 0; r < 6; ++r) g[1].bias[r] = 0.1f * static_cast<float>(r - 2);
    graph const pair = run_passes(g), twin = with_twin(pair);
    CHECK(twin.size() == pair.size() - 1);
    CHECK(pair_in(twin) == -1);
    check(twin);
    auto const x = sample::random_input(5 * 3 * 48, 1);
    CHECK(off(run_reference(twin, x.data()), run_reference(pair, x.data())) <= 1e-6);
  }
}

// Against the same layers in float: what is rounded once more is no worse than the rounding that goes.
TEST_CASE("factor pair: its int8 twin is as close to float as the pair") {
  double of_pair = 0, of_twin = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    for (bool const whole : {false, true}) {
      sample::factor_extents const e{.rank = 8, .whole_map = whole};
      graph const pair = run_passes(sample::factors(true, e, seed)), twin = with_twin(pair),
                  real = run_passes(sample::factors(false, e, seed));
      check(twin);
      auto const x = sample::random_input(5 * 3 * 48, seed);
      auto const exact = run_reference(real, x.data());
      of_pair += off(run_reference(pair, x.data()), exact);
      of_twin += off(run_reference(twin, x.data()), exact);
    }
  CHECK(of_twin <= of_pair);
  CHECK(of_twin < 16 * 0.1);
}

TEST_CASE("factor pair: the twin's grid has its largest weight at 127, and holds the factors' own rounding") {
  graph const pair = run_passes(sample::factors(true));
  index_t const i = pair_in(pair);
  node const v = pair[pair[i].inputs[0]], u = pair[i], n = multiplied_out(v, u);
  CHECK(n.place == u.place);
  CHECK(n.reads == v.reads);
  CHECK(n.out_grid == u.out_grid);
  auto const a = weights_on_grid(u), b = weights_on_grid(v);
  integer_weights const q = quantize_weights(n);
  for (index_t o = 0; o < 40; ++o) {
    int most = 0;
    for (index_t k = 0; k < 48; ++k) {
      double exact = 0;
      for (index_t r = 0; r < 6; ++r) exact += static_cast<double>(a[o * 6 + r]) * static_cast<double>(b[r * 48 + k]);
      most = std::max(most, std::abs(int{q.weight[o * 48 + k]}));
      double const scale = static_cast<double>(n.weight_scale[static_cast<std::size_t>(o)]);
      CHECK(std::fabs(q.weight[o * 48 + k] * scale - exact) <= 0.501 * scale);
    }
    CHECK(most == 127);
  }
}

TEST_CASE("factor pair: two nodes again") {
  graph g = run_passes(sample::factors(true));
  index_t const nodes = g.size(), i = pair_in(g);
  auto const x = sample::random_input(5 * 3 * 48, 1);
  auto const y = run_reference(g, x.data());
  std::vector<char> keep(g.nodes.size(), true);
  index_t const at = g[i].inputs[0];
  g[i].inputs = g[at].inputs;
  g[i].form = form::low_rank;
  g[i].first = {g[at]};
  keep[static_cast<std::size_t>(at)] = false;
  keep_nodes(g, keep);
  CHECK(factors_apart(g).size() == nodes);
  CHECK(run_reference(g, x.data()) == y);
}

TEST_CASE("factor pair: weights that are all zero get a grid") {
  graph g = sample::factors(true);
  for (float& w : g[2].weight) w = 0;
  graph const twin = with_twin(run_passes(g));
  for (node const& n : twin.nodes)
    if (n.kind == op::conv2d) CHECK(quantize_weights(n).scale[0] > 0);
}
