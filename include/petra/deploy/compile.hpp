// From a graph to the program that runs: passes, forms, arena, packed constants.
//
// Integer kernels round once (rt::rounding::single).
#pragma once
#include <utility>
#include <vector>

#include "petra/deploy/assemble.hpp"
#include "petra/deploy/built_in_costs.hpp"
#include "petra/deploy/choose_factors.hpp"
#include "petra/deploy/choose_forms.hpp"
#include "petra/deploy/fuse_add.hpp"
#include "petra/deploy/passes.hpp"
#include "petra/deploy/plan.hpp"
#include "petra/deploy/program.hpp"
#include "petra/deploy/widen_groups.hpp"

namespace petra::inline PETRA_ABI::deploy {

// The graph that becomes the program: by the passes, and each layer in its form.
// Throws: shape_error, stage_error (check_graph.hpp, assign_formats.hpp, integer_weights.hpp).
template <class = void>
[[nodiscard]] graph finish(graph g, lower_settings const& settings = {}) {
  g = run_passes(std::move(g));
  for (node& n : g.nodes) n.form = form::dense;
  if (settings.forms != nullptr) {
    cost_table const& costs = settings.costs != nullptr ? *settings.costs : built_in_costs();
    choose_factors(g, costs, settings);
    widen_groups(g, costs, settings);
    choose_forms(g, costs, settings.spend_memory, settings.wanted);
    fuse_add(g);
  }
  return g;
}

// Throws: as finish.
template <class = void>
[[nodiscard]] program compile(graph raw, lower_settings const& settings = {}) {
  graph const g = finish(std::move(raw), settings);
  plan const p = plan_arena(g);
  assembler const make(g, p);
  std::vector<step> steps;
  if (make.loads_input()) steps.push_back(make.load_input());
  for (index_t i = 1; i < g.size(); ++i) {
    steps.push_back(make.make(i));
    if (make.wants_frame(i)) steps.push_back(make.fill_frame(i));
    if (g[i].form != form::dense || g[i].adds()) steps.back().call = settings.forms;
  }
  return {std::move(steps), g[0].out, g[g.size() - 1].out, p.arena_bytes};
}

}  // namespace petra::deploy
