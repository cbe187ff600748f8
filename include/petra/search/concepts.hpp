// What the engine asks of a search space, and what it gets from an evaluator.
//
// A genome is an ordered, variable-length sequence of genes (stages with their settings). The space knows what genes
// are, which sequences are legal and how they are written; the evaluator knows what they are worth. The engine knows
// neither.
#pragma once
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "petra/core/concepts.hpp"
#include "petra/core/random.hpp"
#include "petra/search/budget.hpp"
#include "petra/search/objective.hpp"

namespace petra::inline PETRA_ABI::search {

template <class Space>
using genome = std::vector<typename Space::gene>;

// random_gene  any gene with any settings; mutate: the same gene with other settings
// legal        the judgment over facts that static pipelines obey; the only rule of order there is
// text         the C++ expression of a genome; two genomes with one text are one candidate
// seeds        genomes to start from, each legal
// All of them are pure: the same arguments (and the same random stream) give the same result.
template <class S>
concept search_space = copyable<typename S::gene> &&
    requires(S const& s, genome<S> const& g, typename S::gene const& x, random& r) {
  { s.random_gene(r) } -> std::convertible_to<typename S::gene>;
  { s.mutate(x, r) } -> std::convertible_to<typename S::gene>;
  { s.legal(std::span<typename S::gene const>(g)) } -> std::convertible_to<bool>;
  { s.text(g) } -> std::convertible_to<std::string>;
  { s.seeds() } -> std::convertible_to<std::vector<genome<S>>>;
};

// What an evaluation found: scores, or why there are none.
struct evaluation {
  bool feasible = false;
  std::string why{};                                           // empty when feasible
  search::scores scores{};                                     // beyond the limits: the costs that are known
  double violation = std::numeric_limits<double>::infinity();  // 0 when feasible; infinite: no model came out
  std::string pipeline{};                                      // as it was run; empty: the text of the genome
  double seconds = 0;                                          // set by the engine
};

[[nodiscard]] inline evaluation measured(scores const& s) { return {.feasible = true, .scores = s, .violation = 0}; }

[[nodiscard]] inline evaluation failed(std::string why) { return {.why = std::move(why)}; }

// Never trained: exact costs break a limit. `excess` guides the search back (search/limits.hpp).
[[nodiscard]] inline evaluation beyond_limits(std::string why, double excess, scores const& s) {
  return {.why = std::move(why), .scores = s, .violation = excess};
}

// evaluate(genome, stop) -> evaluation; a pure function of the genome, called from several threads at once.
// Throws: stopped when the flag cut it short (the candidate then counts as never begun); anything else it throws is
// recorded as the reason of a failure.
template <class E, class S>
concept evaluator = requires(E const& e, genome<S> const& g, stop_flag const& stop) {
  { e(g, stop) } -> std::convertible_to<evaluation>;
};

}  // namespace petra::search
