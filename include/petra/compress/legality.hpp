// Legality: a constexpr state machine over facts about the model. Each stage needs, forbids, gives and clears facts; a
// sequence is legal when no stage misses a fact it needs or meets one it forbids. Not a table of neighbors:
// `quantize | finetune | svd` is caught, because `quantized` is still true when svd comes.
//
// The same function judges a static pipeline (compress/pipeline.hpp) and a genome (search/variation.hpp).
#pragma once
#include <span>
#include <string>

#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI {

enum fact : unsigned {
  trained = 1,    // the weights mean something
  masked = 2,     // some weights are held at zero
  factored = 4,   // some weights are low-rank
  quantized = 8,  // weights and tensors have integer grids
};

struct rule {
  unsigned needs = 0, forbids = 0, gives = 0, clears = 0;
};

// Where a sequence goes wrong and over which facts; at < 0: nowhere.
struct verdict {
  index_t at = -1;
  unsigned missing = 0, clash = 0;
  unsigned repeated = 0;  // clashing facts that the stage itself gives: it comes a second time
  [[nodiscard]] constexpr explicit operator bool() const { return at < 0; }
};

// `have`: facts that hold before. `judge_needs` is false for a fragment, which may still be appended to something.
constexpr verdict judge(std::span<rule const> rules, unsigned have, bool judge_needs = true) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    rule const& r = rules[i];
    unsigned const missing = judge_needs ? r.needs & ~have : 0, clash = r.forbids & have;
    if (missing != 0 || clash != 0) return {static_cast<index_t>(i), missing, clash, clash & r.gives};
    have = (have | r.gives) & ~r.clears;
  }
  return {};
}

constexpr unsigned facts_after(std::span<rule const> rules, unsigned have) {
  for (rule const& r : rules) have = (have | r.gives) & ~r.clears;
  return have;
}

// The sentences. A static pipeline repeats them in static_assert, which takes only literals.
constexpr char const* why(verdict const& v) {
  if (v.repeated & quantized) return "the model is quantized already: quantize once, at the end";
  if (v.repeated & factored) return "the weights are low-rank already: use lowrank::svd once";
  if (v.repeated & trained)
    return "train starts from fresh weights and would throw away what came before: use finetune";
  if (v.clash & quantized) return "this stage changes float weights and cannot come after quantize: put it before";
  if (v.clash & masked) return "this stage would fill the zeros of prune::magnitude: put it before the masks";
  if (v.clash & trained) return "train starts from fresh weights and would throw away what came before: use finetune";
  if (v.clash != 0) return "this stage cannot come after a stage before it";
  if (v.missing & trained) return "this stage needs a trained model: put train first, or pass assume_trained(model)";
  if (v.missing != 0) return "this stage needs something that no stage before it gives";
  return "legal";
}

}  // namespace petra
