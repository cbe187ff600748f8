// The search: a generational NSGA-II over genomes, evaluated by an executor, ended by a budget.
//
// Properties: the candidates, their order and the front are a pure function of (space, evaluate, settings) as long as
// no clock ends the search: the number of threads does not matter. Candidates get their ids when bred, each from its
// own random stream keyed by (seed, id); results are committed in the order of ids, each as soon as all lower ids are
// there, so a journal written from the observer loses at most what is in flight. No genome is evaluated twice.
// Source: the loop of Deb et al. 2002, section III-C; selection and its differences are in search/selection.hpp.
#pragma once
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "petra/core/string_table.hpp"
#include "petra/search/archive.hpp"
#include "petra/search/concepts.hpp"
#include "petra/search/executor.hpp"
#include "petra/search/selection.hpp"
#include "petra/search/variation.hpp"

namespace petra::inline PETRA_ABI::search {

struct engine_settings {
  std::uint64_t seed = 1;
  // Small, because evaluations are trainings: on the ZDT1 sequences of the tests (mean of 150 seeds) 10 and 4 reach
  // 77 % of the ideal hypervolume after 64 evaluations, 16 and 8 reach 70 %.
  index_t population = 10;  // survivors of a generation
  index_t offspring = 4;    // bred per generation; a multiple of the threads keeps them all busy
  std::vector<objective> objectives{objective::loss, objective::latency_ns, objective::size_bytes};
  search::budget budget;
  search::variation variation;
};

// Throws: setting_error.
inline void check(engine_settings const& s) {
  if (s.population < 2) throw_error<setting_error>({"search: population must be at least 2, found ", s.population});
  if (s.offspring < 1) throw_error<setting_error>({"search: offspring must be at least 1, found ", s.offspring});
  check({s.objectives.data(), s.objectives.size()});
  check(s.budget);
  check(s.variation);
}

template <search_space S>
struct candidate {
  std::int64_t id = 0;
  index_t generation = 0;
  std::array<std::int64_t, 2> parents{-1, -1};  // -1: a seed or random
  genome<S> genes;
  std::string text;
  evaluation result;
};

struct progress {
  index_t evaluated = 0, feasible = 0, front = 0;
  double seconds = 0;  // since the start
};

enum class ending { evaluations, seconds, interrupted, exhausted };

template <search_space S>
struct outcome {
  std::vector<candidate<S>> evaluated;  // ascending ids; only the last generation of a stopped search may have gaps
  std::vector<std::int64_t> front;      // ids, ascending; empty when nothing was feasible
  index_t unfinished = 0;               // bred, but not evaluated when the search was stopped
  ending ended = ending::evaluations;   // exhausted: no new genome was found any more
  double seconds = 0;
};

// Throws nothing: whatever `evaluate` throws becomes a failed evaluation, being stopped becomes nothing at all.
template <class Genome, class Evaluate>
[[nodiscard]] std::optional<evaluation> evaluate_safely(Evaluate const& evaluate, Genome const& g,
                                                        stop_flag const& stop) noexcept {
  auto const failure = [](char const* why) noexcept {
    evaluation e;
    try {
      e.why = why;
    } catch (...) {
      e.why = "out of memory";  // short enough to need none
    }
    return e;
  };
  try {
    evaluation e = evaluate(g, stop);
    bool const finite = is_finite({e.scores.quality, e.scores.latency_ns});
    if (e.feasible && !finite) {
      e.feasible = false;
      e.why = "quality and latency must be finite, found " + std::to_string(e.scores.quality) + " and " +
              std::to_string(e.scores.latency_ns);
    }
    if (e.feasible)
      e.violation = 0;
    else if (!finite || !(e.violation > 0))
      e.violation = std::numeric_limits<double>::infinity();
    if (!e.feasible && e.why.empty()) e.why = "no reason given";
    return e;
  } catch (stopped const& e) {
    if (stop.raised()) return std::nullopt;
    return failure(e.what());
  } catch (std::bad_alloc const&) {
    return failure("out of memory");
  } catch (std::exception const& e) {
    return failure(e.what());
  } catch (...) {
    return failure("an exception that is no std::exception");
  }
}

// Who was tried, who survives, who comes next.
template <search_space S>
class population {
 public:
  [[gnu::cold]] population(S const& space, engine_settings const& set)
      : space_(space), set_(set), starts_(space.seeds()) {
    for (genome<S> const& g : starts_)
      if (!space.legal(g)) throw_error<setting_error>({"search: expected legal seeds, found ", space.text(g)});
  }

  // The first generation holds all seeds.
  [[nodiscard]] index_t size_of(index_t generation) const {
    return generation > 0 ? set_.offspring : std::max(set_.population, static_cast<index_t>(starts_.size()));
  }

  // The next n candidates, fewer when no new genome is found.
  [[nodiscard, gnu::cold]] std::vector<candidate<S>> breed(index_t n, index_t generation) {
    auto const seen = [this](genome<S> const& g) { return seen_.find(space_.text(g)) >= 0; };
    std::vector<candidate<S>> batch;
    auto const add = [&](genome<S> g, std::array<std::int64_t, 2> parents) {
      std::string text = space_.text(g);
      seen_.insert(text);
      batch.push_back({next_id_++, generation, parents, std::move(g), std::move(text), {}});
    };
    if (generation == 0)
      for (genome<S> const& g : starts_)
        if (static_cast<index_t>(batch.size()) < n && !seen(g)) add(g, {-1, -1});
    while (static_cast<index_t>(batch.size()) < n) {
      random r(key(set_.seed, next_id_));
      std::optional<genome<S>> child;
      std::array<std::int64_t, 2> parents{-1, -1};
      if (!alive_.empty()) {
        member const &a = pick(r), &b = pick(r);
        child = vary(space_, a.genes, b.genes, set_.variation, r, seen);
        if (child) parents = {a.standing.id, b.standing.id};
      }
      if (!child) child = random_genome(space_, starts_, set_.variation, r, seen);
      if (!child) break;
      add(std::move(*child), parents);
    }
    return batch;
  }

  // Parents and the evaluated of one generation compete. Failures without costs do not take part.
  [[gnu::cold]] void select_from(std::vector<candidate<S>> const& all, std::size_t first) {
    for (std::size_t i = first; i < all.size(); ++i) {
      candidate<S> const& c = all[i];
      if (c.result.violation < std::numeric_limits<double>::infinity())
        alive_.push_back({{c.id, to_point(c.result.scores, set_.objectives), c.result.violation}, c.genes});
    }
    std::vector<contender> pool;
    for (member const& m : alive_) pool.push_back(m.standing);
    std::vector<member> next;
    for (survivor const& s : select({pool.data(), pool.size()}, set_.population))
      next.push_back(std::move(alive_[static_cast<std::size_t>(s.index)]));
    alive_ = std::move(next);
  }

 private:
  struct member {
    contender standing;
    genome<S> genes;
  };
  member const& pick(random& r) const {
    return alive_[static_cast<std::size_t>(tournament(static_cast<index_t>(alive_.size()), r))];
  }

  S const& space_;
  engine_settings const& set_;
  std::vector<genome<S>> starts_;
  std::vector<member> alive_;  // best first
  string_table seen_;
  std::int64_t next_id_ = 0;
};

// Evaluates a batch and hands every candidate that was evaluated to `commit`, in the order of ids, one call at a time,
// as soon as all before it are done. Returns how many were not evaluated because `stop` was raised.
// Throws: what `commit` throws, after the evaluations in flight have stopped.
template <search_space S, class Evaluate, class Executor, class Commit>
[[gnu::cold]] index_t evaluate_batch(std::vector<candidate<S>>& batch, Evaluate const& evaluate,
                                     Executor const& executor, stop_flag& stop, Commit const& commit) {
  enum class state : unsigned char { waiting, evaluated, unfinished };
  std::mutex mutex;  // guards all of these and what commit touches
  std::vector<state> states(batch.size(), state::waiting);
  std::size_t next = 0;  // the first that is not committed
  index_t unfinished = 0;
  std::exception_ptr broken;
  executor.for_each(static_cast<index_t>(batch.size()), [&](index_t i) noexcept {
    auto const at = static_cast<std::size_t>(i);
    auto const begin = std::chrono::steady_clock::now();
    std::optional<evaluation> result;
    if (!stop.raised()) result = evaluate_safely(evaluate, batch[at].genes, stop);
    std::lock_guard const lock(mutex);
    states[at] = result ? state::evaluated : state::unfinished;
    if (result) {
      batch[at].result = std::move(*result);
      batch[at].result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    try {
      for (; !broken && next < batch.size() && states[next] != state::waiting; ++next)
        if (states[next] == state::evaluated)
          commit(batch[next]);
        else
          ++unfinished;
    } catch (...) {
      broken = std::current_exception();
      stop.end_budget();
    }
  });
  if (!broken) return unfinished;
  stop.lift_budget();
  std::rethrow_exception(broken);
}

// Runs the search until the budget ends, Ctrl-C, or nothing new is left to try.
//
// `observe(candidate const&, progress const&)` is called once per evaluation in the order of ids, one call at a time,
// from any thread. What it throws ends the search and is thrown here, after the evaluations in flight have stopped.
// `stop` is raised for them when the seconds are over, and lifted again on return unless the user interrupted.
// Throws: setting_error; what the space or `observe` throw; never what `evaluate` throws.
template <search_space S, evaluator<S> Evaluate, executor Executor, class Observe>
[[nodiscard]] outcome<S> evolve(S const& space, Evaluate const& evaluate, Executor const& executor,
                                engine_settings const& set, stop_flag& stop, Observe&& observe) {
  using clock = std::chrono::steady_clock;
  auto const since = [](clock::time_point t) { return std::chrono::duration<double>(clock::now() - t).count(); };
  check(set);
  auto const start = clock::now();
  deadline const end(stop, set.budget.seconds);
  population<S> people(space, set);
  outcome<S> out;
  archive best;
  progress done;
  auto const commit = [&](candidate<S>& c) {
    out.evaluated.push_back(std::move(c));
    candidate<S> const& last = out.evaluated.back();
    if (last.result.feasible) best.insert(last.id, to_point(last.result.scores, set.objectives));
    ++done.evaluated;
    done.feasible += last.result.feasible;
    done.front = best.size();
    done.seconds = since(start);
    observe(last, std::as_const(done));
  };

  for (index_t generation = 0;; ++generation) {
    index_t n = people.size_of(generation);
    if (set.budget.evaluations) n = std::min(n, *set.budget.evaluations - done.evaluated);
    bool const halted = stop.raised();
    out.ended = halted ? (stop.interrupted() ? ending::interrupted : ending::seconds) : ending::evaluations;
    if (halted || n == 0) break;
    std::vector<candidate<S>> batch = people.breed(n, generation);
    out.ended = ending::exhausted;
    if (batch.empty()) break;
    auto const first = out.evaluated.size();
    out.unfinished += evaluate_batch(batch, evaluate, executor, stop, commit);
    people.select_from(out.evaluated, first);
  }
  out.front = best.ids();
  out.seconds = since(start);
  return out;
}

}  // namespace petra::search
