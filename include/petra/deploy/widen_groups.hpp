// Pass: int4 weights in groups become int8 where the dense kernel is faster, so says the cost table.
//
// No other kernel than that of int4 holds groups, and with many rows the dense one does less. Weights are rounded once
// more, by at most half a step of eight bits, and take twice the bytes; the place in the program says so, and
// `keep_compressed` leaves them as they are. Without groups the two kernels give the same bits (deploy/choose_forms.hpp).
// Idempotent. Deterministic, given the table.
// Pre: g has gone through run_passes.
#pragma once
#include <vector>

#include "petra/deploy/choose_forms.hpp"
#include "petra/deploy/factor_pair.hpp"

namespace petra::inline PETRA_ABI::deploy {

// n in int8. Pre: int4 weights, formats are assigned.
template <class = void>
[[gnu::cold]] void widen(node& n) {
  n.weight = weights_on_grid(n);
  set_weight_scales(n);
  n.weight_bits = 8;
  n.group = 0;
  n.group_scale.clear();
  n.place += " (int4 widened to int8)";
}

template <class = void>
[[gnu::cold]] void widen_groups(graph& g, cost_table const& costs, lower_settings const& settings) {
  if (settings.keep_compressed || settings.wanted != form::dense) return;
  std::vector<frame> const frames = plan_frames(g);
  for (index_t i = 1; i < g.size(); ++i) {
    if (g[i].group == 0 || !costs.knows(kind_of(g, i, form::dense))) continue;
    priced_form const as_int4 = fastest_form(g, frames, i, facts_of(g, i), costs, settings.spend_memory);
    if (as_int4.known && costs.ns(dense_key(g, g[i])) < as_int4.ns) widen(g[i]);
  }
}

}  // namespace petra::deploy
