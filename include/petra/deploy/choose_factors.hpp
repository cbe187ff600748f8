// Pass: each weight in two factors becomes what is fastest, so says the cost table: two layers as they stand, one step of
// a kernel that does both (`rt::dense_low_rank_f32`, `_s8`), or its dense twin.
//
// The twin is taken only where it is faster than both. So a factorized layer is never lowered into something slower than
// its dense twin. Two int8 layers and the one step give the same bits; the twin has weights on a grid of its own
// (deploy/factor_pair.hpp) and more of them, so the place in the program says that its factors were multiplied out, and
// `keep_compressed` leaves it out.
// The one step takes products on rows, in int8 those that stay in int8. Its map between the factors is a few rows of
// scratch memory instead of a whole one.
// Idempotent: what was done is not looked at again. Deterministic, given the table.
// Pre: g has gone through run_passes, and through nothing behind it.
#pragma once
#include <utility>
#include <vector>

#include "petra/deploy/choose_forms.hpp"
#include "petra/deploy/factor_pair.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Whether one kernel can do both factors. Pre: is_factor_pair(g, i).
template <class = void>
[[nodiscard, gnu::cold]] bool suits_low_rank(graph const& g, std::vector<frame> const& frames, index_t i) {
  index_t const v = g[i].inputs[0];
  auto const unframed = [&](index_t at) { return frames[static_cast<std::size_t>(at)] == frame{}; };
  return g[v].group == 0 && g[i].group == 0 && is_product(g, v) && is_product(g, i) && unframed(g[v].inputs[0]) &&
         unframed(i) && (!g[i].is_int8() || g[i].out_grid);
}

// Of the one step. Pre: as for suits_low_rank.
template <class = void>
[[nodiscard, gnu::cold]] cost_key low_rank_key(graph const& g, index_t i) {
  rt::low_rank_f32_shape const s = low_rank_f32(g[g[i].inputs[0]], g[i]);
  cost_key k{kind_of(g, i, form::low_rank), {s.m, 1, s.c}, {s.m, 1, s.o}};
  k.kept = s.rank * (s.c + s.o);
  return k;
}

enum class factor_choice { two_steps, one_step, multiplied_out };

// Pre: is_factor_pair(g, i).
template <class = void>
[[nodiscard, gnu::cold]] factor_choice fastest_factors(graph const& g, std::vector<frame> const& frames, index_t i,
                                                       cost_table const& costs, lower_settings const& settings) {
  index_t const v = g[i].inputs[0];
  bool const fits = suits_low_rank(g, frames, i);
  if (settings.wanted == form::low_rank) return fits ? factor_choice::one_step : factor_choice::two_steps;
  if (settings.wanted != form::dense) return factor_choice::two_steps;
  priced_form const first = fastest_form(g, frames, v, facts_of(g, v), costs, settings.spend_memory),
                    second = fastest_form(g, frames, i, facts_of(g, i), costs, settings.spend_memory);
  if (!first.known || !second.known) return factor_choice::two_steps;
  double const apart = first.ns + second.ns;
  bool const fuses = fits && costs.knows(kind_of(g, i, form::low_rank));
  double const together = fuses ? costs.ns(low_rank_key(g, i)) : apart;
  node const twin = twin_extents(g[v], g[i]);
  if (!settings.keep_compressed && costs.knows(kind_of(g, twin, form::dense)) &&
      costs.ns(dense_key(g, twin)) < std::min(apart, together))
    return factor_choice::multiplied_out;
  return fuses && together <= apart ? factor_choice::one_step : factor_choice::two_steps;
}

template <class = void>
[[gnu::cold]] void choose_factors(graph& g, cost_table const& costs, lower_settings const& settings) {
  auto const frames = plan_frames(g);
  auto const read_by = readers(g);
  std::vector<char> keep(g.nodes.size(), true);
  for (index_t i = 1; i < g.size(); ++i) {
    if (!is_factor_pair(g, read_by, i) || !keep[static_cast<std::size_t>(g[i].inputs[0])]) continue;
    factor_choice const chosen = fastest_factors(g, frames, i, costs, settings);
    if (chosen == factor_choice::two_steps) continue;
    index_t const at = g[i].inputs[0];
    keep[static_cast<std::size_t>(at)] = false;
    node v = std::move(g[at]);
    if (chosen == factor_choice::multiplied_out) {
      g[i] = multiplied_out(v, g[i]);
      g[i].place += " (factors multiplied out)";
    } else {
      g[i].form = form::low_rank;
      g[i].inputs = v.inputs;
      g[i].first.push_back(std::move(v));
    }
  }
  keep_nodes(g, keep);
}

}  // namespace petra::deploy
