// The cost table of this instruction set: what `lower` asks when it is given none. Where no machine has
// been measured (NEON), those of SSE2 stand in, which has vectors of the same width.
//
// Measured on one machine of each instruction set by `benchmarks/costs --built-in`; it decides between forms of a layer,
// where ratios count and not times. For the machine at hand: `benchmarks/costs`.
#pragma once
#include "petra/deploy/cost_table.hpp"
#include "petra/deploy/costs_avx2.hpp"
#include "petra/deploy/costs_avx512.hpp"
#include "petra/deploy/costs_avx512vnni.hpp"
#include "petra/deploy/costs_sse2.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class = void>
[[nodiscard, gnu::cold]] cost_table const& built_in_costs() {
  static cost_table const table = [] {
    cost_table t;
    for (built_in_cost const& c : built_in_data::built_in) t.insert(key_of(c), c.ns);
    return t;
  }();
  return table;
}

}  // namespace petra::deploy
