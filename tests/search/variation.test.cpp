#include "petra/search/variation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace petra::search;
using petra::index_t;

struct stage {
  int kind = 0, level = 0;
  friend bool operator==(stage const&, stage const&) = default;
};
using stages = std::vector<stage>;

// Kind 0 trains and must come first, once; kind 3 must come last; no kind twice.
struct toy {
  using gene = stage;
  int kinds = 5, levels = 8;

  stage random_gene(petra::random& r) const {
    return {static_cast<int>(r.index(kinds)), static_cast<int>(r.index(levels))};
  }
  stage mutate(stage const& g, petra::random& r) const { return {g.kind, static_cast<int>(r.index(levels))}; }
  bool legal(std::span<stage const> g) const {
    if (g.empty() || g[0].kind != 0) return false;
    for (std::size_t i = 0; i < g.size(); ++i) {
      if (g[i].kind == 3 && i + 1 != g.size()) return false;
      for (std::size_t j = 0; j < i; ++j)
        if (g[i].kind == g[j].kind) return false;
    }
    return true;
  }
  std::string text(std::span<stage const> g) const {
    std::string s;
    for (stage const& x : g) s += std::to_string(x.kind) + ":" + std::to_string(x.level) + " ";
    return s;
  }
  std::vector<stages> seeds() const { return {{{0, 4}}}; }
};
static_assert(search_space<toy>);

constexpr auto none_seen = [](stages const&) { return false; };
constexpr auto all_seen = [](stages const&) { return true; };

std::vector<int> kinds(stages const& g) {
  std::vector<int> out;
  for (stage const& x : g) out.push_back(x.kind);
  return out;
}

stages without(stages const& g, std::size_t at) {
  stages out;
  for (std::size_t i = 0; i < g.size(); ++i)
    if (i != at) out.push_back(g[i]);
  return out;
}

TEST_CASE("variation: each edit does what its name says") {
  toy const t;
  stages const g{{0, 1}, {1, 2}, {2, 3}};
  std::set<std::size_t> inserted, dropped;
  std::set<std::vector<int>> swapped;
  for (std::uint64_t i = 0; i < 200; ++i) {
    petra::random r(petra::key(1, i));
    auto const longer = edited(t, g, edit::insert, r);
    REQUIRE(longer.size() == 4);
    std::size_t hits = 0;
    for (std::size_t k = 0; k < 4; ++k)
      if (without(longer, k) == g) inserted.insert(k), ++hits;
    CHECK(hits >= 1);
    auto const shorter = edited(t, g, edit::drop, r);
    REQUIRE(shorter.size() == 2);
    for (std::size_t k = 0; k < 3; ++k)
      if (without(g, k) == shorter) dropped.insert(k);
    auto const moved = edited(t, g, edit::swap, r);
    CHECK(moved != g);
    CHECK(std::is_permutation(moved.begin(), moved.end(), g.begin()));
    swapped.insert(kinds(moved));
    auto const tuned = edited(t, g, edit::tune, r);
    CHECK(kinds(tuned) == kinds(g));
    auto const replaced = edited(t, g, edit::replace, r);
    REQUIRE(replaced.size() == 3);
    CHECK((replaced[0] == g[0]) + (replaced[1] == g[1]) + (replaced[2] == g[2]) >= 2);
  }
  CHECK(inserted.size() == 4);  // every place, both ends included
  CHECK(dropped.size() == 3);
  CHECK(swapped.size() == 3);
}

TEST_CASE("variation: the length decides which edits can be drawn") {
  petra::random r(3);
  variation v{.max_length = 3};
  for (int i = 0; i < 100; ++i) {
    CHECK(draw_edit(v, 0, r) == edit::insert);
    CHECK(draw_edit(v, 1, r) != edit::swap);
    CHECK(draw_edit(v, 3, r) != edit::insert);
  }
  v.insert = 0;
  CHECK_FALSE(draw_edit(v, 0, r).has_value());
  variation const only_swap{.insert = 0, .drop = 0, .swap = 2, .replace = 0, .tune = 0};
  CHECK_FALSE(draw_edit(only_swap, 1, r).has_value());
  CHECK(draw_edit(only_swap, 2, r) == edit::swap);
}

TEST_CASE("variation: edits are drawn by weight") {
  petra::random r(4);
  variation const v{.insert = 1, .drop = 1, .swap = 0, .replace = 2, .tune = 4};
  std::array<int, 5> drawn{};
  for (int i = 0; i < 8000; ++i) ++drawn[static_cast<std::size_t>(*draw_edit(v, 4, r))];
  CHECK(drawn[0] == doctest::Approx(1000).epsilon(0.15));
  CHECK(drawn[1] == doctest::Approx(1000).epsilon(0.15));
  CHECK(drawn[2] == 0);
  CHECK(drawn[3] == doctest::Approx(2000).epsilon(0.1));
  CHECK(drawn[4] == doctest::Approx(4000).epsilon(0.07));
}

TEST_CASE("variation: crossover splices a piece of one into the other") {
  std::vector<int> const a{1, 2, 3, 4}, b{11, 12, 13};
  std::set<std::vector<int>> children;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    petra::random r(petra::key(9, i));
    auto const child = crossed(a, b, r);
    children.insert(child);
    // head of a, a non-empty run of b, tail of a
    std::size_t i0 = 0, i1 = child.size();
    while (i0 < child.size() && child[i0] < 10) ++i0;
    while (i1 > 0 && child[i1 - 1] < 10) --i1;
    REQUIRE(i0 < i1);
    for (std::size_t k = i0; k + 1 < i1; ++k) CHECK(child[k + 1] == child[k] + 1);
    for (std::size_t k = 0; k < i0; ++k) CHECK(child[k] == a[k]);
    for (std::size_t k = 0; k < child.size() - i1; ++k) CHECK(child[child.size() - 1 - k] == a[a.size() - 1 - k]);
  }
  CHECK(children.size() == 15 * 6);  // every cut of a (empty ones too) with every non-empty cut of b
  petra::random r(1);
  CHECK(crossed(a, {}, r) == a);
  CHECK(crossed({}, b, r).size() >= 1);
}

TEST_CASE("variation: children are legal, new, no longer than allowed, and a function of the stream") {
  toy const t;
  stages const a{{0, 1}, {1, 2}, {3, 3}}, b{{0, 7}, {4, 1}, {2, 2}};
  variation const v{.max_length = 4};
  std::set<std::string> seen{t.text(a), t.text(b)};
  auto const is_seen = [&](stages const& g) { return seen.contains(t.text(g)); };
  std::set<std::size_t> lengths;
  for (std::uint64_t id = 0; id < 300; ++id) {
    petra::random r(petra::key(2, id)), again(petra::key(2, id));
    auto const child = vary(t, a, b, v, r, is_seen);
    REQUIRE(child.has_value());
    CHECK(t.legal(*child));
    CHECK(child->size() <= 4);
    CHECK((*child)[0].kind == 0);
    CHECK(*vary(t, a, b, v, again, is_seen) == *child);
    CHECK(seen.insert(t.text(*child)).second);
    lengths.insert(child->size());
  }
  CHECK(lengths == std::set<std::size_t>{1, 2, 3, 4});
}

TEST_CASE("variation: an edit is drawn by its weight even when it is rarely legal, so genomes do not shrink") {
  // Inserting is legal in about 1 of 8 cases here, dropping nearly always.
  toy const t;
  variation const v{.insert = 1, .drop = 1, .swap = 0, .replace = 0, .tune = 0};
  int longer = 0, shorter = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    petra::random r(petra::key(6, i));
    auto const g = legal_edit(t, {{0, 1}, {1, 1}, {2, 1}}, v, r);
    REQUIRE(g.has_value());
    CHECK(t.legal(*g));
    (g->size() > 3 ? longer : shorter)++;
  }
  CHECK(longer == doctest::Approx(200).epsilon(0.25));
  CHECK(longer + shorter == 400);
}

TEST_CASE("variation: an edit that can never be legal gives way to the others") {
  toy const t;
  petra::random r(8);
  variation const drop_mostly{.insert = 0, .drop = 1000, .swap = 0, .replace = 0, .tune = 1};
  auto const g = legal_edit(t, {{0, 1}}, drop_mostly, r);  // dropping leaves nothing, which is illegal
  REQUIRE(g.has_value());
  CHECK(kinds(*g) == std::vector{0});
  variation const only_drop{.insert = 0, .drop = 1, .swap = 0, .replace = 0, .tune = 0};
  CHECK_FALSE(legal_edit(t, {{0, 1}}, only_drop, r).has_value());
}

TEST_CASE("variation: when structure cannot change, the settings of a copy of the parent walk on") {
  // Insertion alone has weight and is never legal; everything near the parent was seen.
  struct frozen : toy {
    bool legal(std::span<stage const> g) const { return g.size() == 2 && g[0].kind == 0 && g[1].kind == 1; }
  };
  frozen const t;
  stages const a{{0, 0}, {1, 0}};
  variation const v{.crossover = 0, .insert = 1, .drop = 0, .swap = 0, .replace = 0, .tune = 0, .tries = 40};
  for (std::uint64_t id = 0; id < 30; ++id) {
    petra::random r(petra::key(3, id));
    auto const near = [&](stages const& g) { return g[0].level == 0 || g[1].level == 0; };
    auto const child = vary(t, a, a, v, r, near);
    REQUIRE(child.has_value());
    CHECK(t.legal(*child));
    CHECK_FALSE(near(*child));
  }
}

TEST_CASE("variation: nothing when everything was seen") {
  toy const t;
  petra::random r(4);
  CHECK_FALSE(vary(t, {{0, 1}}, {{0, 2}}, variation{}, r, all_seen).has_value());
  CHECK_FALSE(random_genome(t, t.seeds(), variation{}, r, all_seen).has_value());
}

TEST_CASE("variation: random genomes are legal, new and of many shapes, with seeds or without") {
  toy const t;
  for (bool const with_seeds : {true, false}) {
    std::set<std::string> seen;
    std::set<std::vector<int>> shapes;
    auto const is_seen = [&](stages const& g) { return seen.contains(t.text(g)); };
    for (std::uint64_t id = 0; id < 200; ++id) {
      petra::random r(petra::key(5, id));
      auto const g = random_genome(t, with_seeds ? t.seeds() : std::vector<stages>{}, variation{}, r, is_seen);
      REQUIRE(g.has_value());
      CHECK(t.legal(*g));
      CHECK(seen.insert(t.text(*g)).second);
      shapes.insert(kinds(*g));
    }
    CHECK(seen.size() > 150);
    CHECK(shapes.size() > 15);
  }
}

TEST_CASE("variation: a space where nothing is legal gives nothing, in bounded time") {
  struct barren : toy {
    bool legal(std::span<stage const>) const { return false; }
  };
  barren const t;
  petra::random r(6);
  CHECK_FALSE(random_genome(t, {}, variation{}, r, none_seen).has_value());
}

TEST_CASE("variation: settings are checked") {
  CHECK_NOTHROW(check(variation{}));
  CHECK_THROWS_AS(check(variation{.crossover = 1.5f}), petra::setting_error);
  CHECK_THROWS_AS(check(variation{.again = 1.f}), petra::setting_error);
  CHECK_THROWS_AS(check(variation{.insert = -1}), petra::setting_error);
  CHECK_THROWS_AS(check(variation{.insert = 0, .drop = 0, .swap = 0, .replace = 0, .tune = 0}), petra::setting_error);
  CHECK_THROWS_AS(check(variation{.max_length = 0}), petra::setting_error);
  CHECK_THROWS_AS(check(variation{.growth = 0}), petra::setting_error);
  CHECK_THROWS_AS(check(variation{.tries = 0}), petra::setting_error);
}

}  // namespace
