#include "petra/search/concepts.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace petra::search;

struct letters {
  using gene = char;
  char random_gene(petra::random& r) const { return static_cast<char>('a' + r.index(26)); }
  char mutate(char g, petra::random&) const { return g; }
  bool legal(std::span<char const> g) const { return !g.empty(); }
  std::string text(std::span<char const> g) const { return {g.begin(), g.end()}; }
  std::vector<std::vector<char>> seeds() const { return {{'a'}}; }
};
static_assert(search_space<letters>);

struct without_seeds {
  using gene = int;
  int random_gene(petra::random&) const { return 0; }
  int mutate(int g, petra::random&) const { return g; }
  bool legal(std::span<int const>) const { return true; }
  std::string text(std::span<int const>) const { return {}; }
};
static_assert(!search_space<without_seeds>);
static_assert(!search_space<int>);

struct length {
  evaluation operator()(std::vector<char> const& g, stop_flag const&) const {
    return measured({.quality = static_cast<double>(g.size())});
  }
};
static_assert(evaluator<length, letters>);
static_assert(!evaluator<letters, letters>);

TEST_CASE("concepts: an evaluation is measured, failed, or beyond the limits") {
  evaluation const good = measured({.quality = 0.5, .latency_ns = 3});
  CHECK(good.feasible);
  CHECK(good.why.empty());
  CHECK(good.violation == 0);
  CHECK(good.scores.latency_ns == 3);

  evaluation const bad = failed("loss is NaN");
  CHECK_FALSE(bad.feasible);
  CHECK(bad.why == "loss is NaN");
  CHECK(std::isinf(bad.violation));

  evaluation const large = beyond_limits("size: too large", 0.25, {.quality = 0, .size_bytes = 5});
  CHECK_FALSE(large.feasible);
  CHECK(large.violation == 0.25);
  CHECK(large.scores.size_bytes == 5);

  CHECK_FALSE(evaluation{}.feasible);
  CHECK(std::isinf(evaluation{}.violation));
}

}  // namespace
