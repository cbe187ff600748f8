#include "petra/search/engine.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <new>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "petra/search/journal.hpp"
#include "petra/search/tbb_executor.hpp"

namespace {

using namespace petra::search;
using petra::index_t;

struct stage {
  int kind = 0, level = 0;
};
using stages = std::vector<stage>;

// Genes assign variables: ZDT1 (Zitzler, Deb, Thiele 2000) as a sequence. Kind 0 trains: first, once, and its level
// says nothing. Kinds 1..4 set x[kind] = level / 15, each at most once; kind 4 needs kind 2 before it.
struct toy {
  using gene = stage;
  static constexpr int top = 15;

  stage random_gene(petra::random& r) const {
    return {static_cast<int>(r.index(5)), static_cast<int>(r.index(top + 1))};
  }
  stage mutate(stage const& g, petra::random& r) const {
    return {g.kind, std::clamp(g.level + static_cast<int>(r.index(7)) - 3, 0, top)};
  }
  bool legal(std::span<stage const> g) const {
    if (g.empty() || g[0].kind != 0) return false;
    bool set[5] = {};
    for (stage const& s : g) {
      if (set[s.kind] || (s.kind == 4 && !set[2])) return false;
      set[s.kind] = true;
    }
    return true;
  }
  std::string text(std::span<stage const> g) const {
    std::string s;
    for (stage const& x : g)
      s += (s.empty() ? "" : " | ") + std::to_string(x.kind) + "{" + std::to_string(x.level) + "}";
    return s;
  }
  std::vector<stages> seeds() const { return {{{0, 8}}}; }
};
static_assert(search_space<toy>);

// The front is f2 = 1 - sqrt(f1), where kinds 2..4 are set to 0; what is not set counts as 1.
scores zdt1(stages const& g) {
  double x[5] = {1, 1, 1, 1, 1};
  for (stage const& s : g) x[s.kind] = static_cast<double>(s.level) / toy::top;
  double const spread = 1 + 9 * (x[2] + x[3] + x[4]) / 3;
  return {.quality = std::sqrt(x[1] / spread) * spread - spread,
          .latency_ns = x[1],
          .size_bytes = static_cast<index_t>(g.size())};
}

struct zdt1_evaluator {
  evaluation operator()(stages const& g, stop_flag const&) const { return measured(zdt1(g)); }
};

constexpr auto ignore = [](auto const&, progress const&) {};

engine_settings settings(std::uint64_t seed, index_t evaluations) {
  engine_settings s;
  s.seed = seed;
  s.population = 16;
  s.offspring = 8;
  s.objectives = {objective::loss, objective::latency_ns};
  s.budget.evaluations = evaluations;
  return s;
}

template <class E>
outcome<toy> run(engine_settings const& s, E const& evaluate) {
  stop_flag stop;
  return evolve(toy{}, evaluate, serial_executor{}, s, stop, ignore);
}

// Area dominated inside [0, 1] x [0, 10] of (latency, -quality).
double hypervolume(std::vector<scores> all) {
  std::sort(all.begin(), all.end(), [](scores const& a, scores const& b) { return a.latency_ns < b.latency_ns; });
  double area = 0, ceiling = 10;
  for (scores const& s : all) {
    if (-s.quality >= ceiling) continue;
    area += (1 - s.latency_ns) * (ceiling + s.quality);
    ceiling = -s.quality;
  }
  return area;
}

double hypervolume(outcome<toy> const& o) {
  std::vector<scores> all;
  for (auto const& c : o.evaluated) all.push_back(c.result.scores);
  return hypervolume(all);
}

TEST_CASE("engine: approaches the known front, and beats random search at equal evaluations for every seed") {
  std::vector<scores> ideal;
  for (int level = 0; level <= toy::top; ++level) ideal.push_back(zdt1({{0, 0}, {1, level}, {2, 0}, {3, 0}, {4, 0}}));
  double const most = hypervolume(ideal);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    auto defaults = settings(seed, 400);
    defaults.population = engine_settings{}.population;
    defaults.offspring = engine_settings{}.offspring;
    auto const found = run(defaults, zdt1_evaluator{});
    REQUIRE(found.evaluated.size() == 400);
    // Random search: a first generation as large as the budget, its genomes grown long enough to hold every kind.
    auto blind = settings(seed, 400);
    blind.population = 400;
    blind.variation.growth = 12;
    auto const random = run(blind, zdt1_evaluator{});
    REQUIRE(random.evaluated.size() == 400);
    REQUIRE(random.evaluated.back().generation == 0);
    INFO("hypervolume " << hypervolume(found) / most << " against " << hypervolume(random) / most);
    CHECK(hypervolume(found) > 0.985 * most);
    CHECK(most - hypervolume(found) < 0.5 * (most - hypervolume(random)));
  }
}

TEST_CASE("engine: the same seed gives the same search on any number of threads") {
  // Evaluations of unequal length shuffle the order in which threads finish.
  auto const uneven = [](stages const& g, stop_flag const&) {
    for (int i = 0; i < g.back().level * 40; ++i) std::this_thread::yield();
    if (g.back().level == 7) return failed("seven");
    return measured(zdt1(g));
  };
  auto const with = [&](auto const& executor, std::uint64_t seed) {
    std::vector<std::string> log;
    stop_flag stop;
    auto const o =
        evolve(toy{}, uneven, executor, settings(seed, 150), stop, [&](candidate<toy> const& c, progress const& p) {
          log.push_back(std::to_string(c.id) + " " + std::to_string(p.evaluated) + " " + std::to_string(p.feasible) +
                        " " + std::to_string(p.front));
        });
    for (auto const& c : o.evaluated)
      log.push_back(std::to_string(c.id) + c.text + std::to_string(c.generation) + " " + std::to_string(c.parents[0]) +
                    " " + std::to_string(c.parents[1]) + c.result.why + std::to_string(c.result.scores.quality));
    for (auto const id : o.front) log.push_back(std::to_string(id));
    return log;
  };
  auto const one = with(serial_executor{}, 3);
  CHECK(with(tbb_executor(1), 3) == one);
  CHECK(with(tbb_executor(2), 3) == one);
  CHECK(with(tbb_executor(8), 3) == one);
  CHECK(with(serial_executor{}, 4) != one);
}

TEST_CASE("engine: ids count up, genomes are legal and never twice, the front is what nothing dominates") {
  toy const t;
  auto const o = run(settings(7, 203), zdt1_evaluator{});
  REQUIRE(o.evaluated.size() == 203);  // no multiple of a generation: the last one is cut
  CHECK(o.ended == ending::evaluations);
  CHECK(o.unfinished == 0);
  std::set<std::string> texts;
  for (std::size_t i = 0; i < o.evaluated.size(); ++i) {
    auto const& c = o.evaluated[i];
    CHECK(c.id == static_cast<std::int64_t>(i));
    CHECK(t.legal(c.genes));
    CHECK(t.text(c.genes) == c.text);
    CHECK(texts.insert(c.text).second);
    CHECK(c.parents[0] < c.id);
    if (c.generation == 0) CHECK(c.parents[0] == -1);
  }
  CHECK(o.evaluated[0].text == "0{8}");  // the seed
  std::vector<std::int64_t> front;
  objective const which[] = {objective::loss, objective::latency_ns};
  for (auto const& c : o.evaluated) {
    point const p = to_point(c.result.scores, which);
    if (std::none_of(o.evaluated.begin(), o.evaluated.end(), [&](auto const& d) {
          point const q = to_point(d.result.scores, which);
          return dominates(q, p) || (q == p && d.id < c.id);
        }))
      front.push_back(c.id);
  }
  CHECK(o.front == front);
}

TEST_CASE("engine: the budget in evaluations is exact, failures included") {
  for (index_t const n : {1, 2, 15, 16, 17, 40}) {
    index_t calls = 0;
    auto s = settings(1, n);
    auto const o = run(s, [&](stages const& g, stop_flag const&) {
      ++calls;
      return calls % 3 == 0 ? failed("third") : measured(zdt1(g));
    });
    CHECK(calls == n);
    CHECK(static_cast<index_t>(o.evaluated.size()) == n);
  }
}

TEST_CASE("engine: whatever an evaluation throws is a failure with its reason") {
  auto const o = run(settings(2, 90), [](stages const& g, stop_flag const&) -> evaluation {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    switch (g.back().level % 9) {
      case 0:
        throw std::bad_alloc();
      case 1:
        throw petra::stage_error("lowrank::svd: touched nothing");
      case 2:
        throw std::runtime_error(std::string(500, 'x'));
      case 3:
        throw 42;
      case 4:
        return measured({.quality = nan});
      case 5:
        return measured({.quality = 0, .latency_ns = std::numeric_limits<double>::infinity()});
      case 6:
        return evaluation{};
      case 7:
        throw petra::stopped("stopped, though nobody asked for it");
      default:
        return measured(zdt1(g));
    }
  });
  REQUIRE(o.evaluated.size() == 90);
  std::set<std::string> reasons;
  for (auto const& c : o.evaluated) {
    CHECK(c.result.feasible == (c.genes.back().level % 9 == 8));
    CHECK(c.result.why.empty() == c.result.feasible);
    CHECK(std::isinf(c.result.violation) != c.result.feasible);
    reasons.insert(c.result.why.substr(0, 30));
  }
  CHECK(reasons == std::set<std::string>{"", "out of memory", "lowrank::svd: touched nothing", std::string(30, 'x'),
                                         "an exception that is no std::e", "quality and latency must be fi",
                                         "no reason given", "stopped, though nobody asked f"});
  for (auto const id : o.front) CHECK(o.evaluated[static_cast<std::size_t>(id)].result.feasible);
}

TEST_CASE("engine: when nothing is feasible the front is empty and the budget is used up") {
  auto const o = run(settings(2, 50), [](stages const&, stop_flag const&) { return failed("never"); });
  CHECK(o.front.empty());
  CHECK(o.evaluated.size() == 50);
  CHECK(o.ended == ending::evaluations);
}

TEST_CASE("engine: limits that no early candidate keeps pull the search towards those that do") {
  // Feasible: kinds 2, 3, 4 all set to at most 2 of 15; a random genome hits that with probability below 1e-3.
  auto const strict = [](stages const& g, stop_flag const&) {
    double over = 0;
    int set = 0;
    for (stage const& s : g)
      if (s.kind >= 2) over += std::max(0, s.level - 2), ++set;
    over += 15 * (3 - set);
    return over > 0 ? beyond_limits("over", over / 2, zdt1(g)) : measured(zdt1(g));
  };
  int reached = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    auto const o = run(settings(seed, 300), strict);
    reached += !o.front.empty();
    CHECK_FALSE(o.evaluated[0].result.feasible);
  }
  CHECK(reached == 5);
}

TEST_CASE("engine: a space that is used up ends the search") {
  struct tiny : toy {
    bool legal(std::span<stage const> g) const { return g.size() == 1 && g[0].kind == 0; }
  };
  stop_flag stop;
  auto const o = evolve(tiny{}, zdt1_evaluator{}, serial_executor{}, settings(1, 1000), stop, ignore);
  CHECK(o.evaluated.size() == 16);  // every level of kind 0
  CHECK(o.ended == ending::exhausted);
}

TEST_CASE("engine: seconds cut the generation in flight; what was cut is not recorded, the flag is lifted") {
  for (int const threads : {1, 4}) {
    auto s = settings(1, 1000000);
    s.budget.seconds = 0.05;
    std::atomic<int> cut{0};
    stop_flag stop;
    auto const o = evolve(
        toy{},
        [&](stages const& g, stop_flag const& stopping) -> evaluation {
          if (g.size() > 1) {
            while (!stopping.raised()) std::this_thread::yield();
            ++cut;
            throw petra::stopped("training: stopped");
          }
          return measured(zdt1(g));
        },
        tbb_executor(threads), s, stop, ignore);
    CHECK(o.ended == ending::seconds);
    CHECK(cut >= 1);
    CHECK(o.unfinished >= cut);
    for (auto const& c : o.evaluated) CHECK(c.result.feasible);
    CHECK(std::is_sorted(o.evaluated.begin(), o.evaluated.end(),
                         [](auto const& a, auto const& b) { return a.id < b.id; }));
    CHECK_FALSE(stop.raised());
    CHECK(o.seconds >= 0.05);
  }
}

TEST_CASE("engine: Ctrl-C ends the search with what there is") {
  stop_flag stop;
  auto const o = evolve(toy{}, zdt1_evaluator{}, serial_executor{}, settings(1, 1000), stop,
                        [&](candidate<toy> const& c, progress const&) {
                          if (c.id == 20) stop.interrupt();
                        });
  CHECK(o.ended == ending::interrupted);
  CHECK(o.evaluated.size() == 21);
  CHECK(o.unfinished == 3);  // 16 + 8: ids 21, 22, 23 were bred
  CHECK_FALSE(o.front.empty());
  CHECK(stop.raised());
  auto const again = evolve(toy{}, zdt1_evaluator{}, serial_executor{}, settings(1, 1000), stop, ignore);
  CHECK(again.evaluated.empty());
  CHECK(again.front.empty());
  CHECK(again.ended == ending::interrupted);
}

TEST_CASE("engine: what the observer throws ends the search and arrives at the caller") {
  for (int const threads : {1, 4}) {
    stop_flag stop;
    std::atomic<int> calls{0};
    auto const full_disk = [&](candidate<toy> const& c, progress const&) {
      ++calls;
      if (c.id == 5) throw petra::io_error("journal: no space left");
    };
    CHECK_THROWS_WITH_AS(
        static_cast<void>(evolve(toy{}, zdt1_evaluator{}, tbb_executor(threads), settings(1, 1000), stop, full_disk)),
        "journal: no space left", petra::io_error);
    CHECK(calls == 6);
    CHECK_FALSE(stop.raised());
  }
}

TEST_CASE("engine: a journal written from the observer holds every evaluation, in order") {
  char const* const folder = std::getenv("TMPDIR");
  std::string const path = std::string(folder ? folder : "/tmp") + "/petra_engine_" + std::to_string(::getpid());
  std::remove(path.c_str());
  journal log = journal::create(path, {.seed = 9, .data_hash = 1, .space = "zdt1"});
  stop_flag stop;
  auto const fragile = [](stages const& g, stop_flag const&) {
    return g.size() == 2 ? failed("two") : g.size() == 3 ? beyond_limits("three", 0.5, zdt1(g)) : measured(zdt1(g));
  };
  auto const o = evolve(toy{}, fragile, tbb_executor(2), settings(9, 60), stop, [&](auto const& c, progress const&) {
    log.append({.id = c.id, .genome = c.text, .result = c.result});
  });
  auto const read = read_journal(path);
  std::remove(path.c_str());
  REQUIRE(read.entries.size() == o.evaluated.size());
  for (std::size_t i = 0; i < o.evaluated.size(); ++i) {
    CHECK(read.entries[i].id == o.evaluated[i].id);
    CHECK(read.entries[i].genome == o.evaluated[i].text);
    CHECK(read.entries[i].result.why == o.evaluated[i].result.why);
    CHECK(read.entries[i].result.violation == o.evaluated[i].result.violation);
    CHECK(read.entries[i].result.scores == o.evaluated[i].result.scores);
  }
}

TEST_CASE("engine: more seeds than a population are all evaluated first; copies once") {
  struct eager : toy {
    std::vector<stages> seeds() const {
      std::vector<stages> out;
      for (int level = 0; level <= top; ++level)
        for (int copy = 0; copy < 2; ++copy) out.push_back({{0, level}, {1, level}});
      return out;
    }
  };
  auto s = settings(1, 60);
  s.population = 4;
  stop_flag stop;
  auto const o = evolve(eager{}, zdt1_evaluator{}, serial_executor{}, s, stop, ignore);
  REQUIRE(o.evaluated.size() == 60);
  for (std::size_t i = 0; i < 16; ++i) CHECK(o.evaluated[i].genes[1].level == static_cast<int>(i));
}

TEST_CASE("engine: settings and seeds are checked before anything runs") {
  struct wrong : toy {
    std::vector<stages> seeds() const { return {{{1, 1}}}; }
  };
  stop_flag stop;
  CHECK_THROWS_WITH_AS(
      static_cast<void>(evolve(wrong{}, zdt1_evaluator{}, serial_executor{}, settings(1, 5), stop, ignore)),
      "search: expected legal seeds, found 1{1}", petra::setting_error);
  auto s = settings(1, 5);
  s.population = 1;
  CHECK_THROWS_AS(check(s), petra::setting_error);
  s = settings(1, 5);
  s.offspring = 0;
  CHECK_THROWS_AS(check(s), petra::setting_error);
  s = settings(1, 5);
  s.objectives.clear();
  CHECK_THROWS_AS(check(s), petra::setting_error);
  CHECK_THROWS_AS(check(settings(1, 0)), petra::setting_error);
  s = settings(1, 5);
  s.variation.tries = 0;
  CHECK_THROWS_AS(check(s), petra::setting_error);
}

}  // namespace
