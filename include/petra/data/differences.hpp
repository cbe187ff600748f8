// Series as their changes from step to step (Box and Jenkins, Time Series Analysis, 1970: first differences). For series
// whose level drifts and says nothing: what was measured in winter lies apart from summer, whatever is to be told.
//
// Properties: as many steps as before, so that nothing else changes; the first change, which nothing comes before, is that of
// the second step. Categorical columns stay as they are. Deterministic.
#pragma once
#include "petra/data/sequences.hpp"

namespace petra::inline PETRA_ABI::data {

// Numeric columns only; a sequence of one step becomes zeros. Their means and deviations are to be fitted anew.
template <class = void>
[[gnu::cold]] void take_differences(sequences& set) {
  index_t const c = set.channels();
  for (index_t j = 0; j < c; ++j) {
    if (set.columns[static_cast<std::size_t>(j)].ids > 0) continue;
    for (index_t i = 0; i < set.size(); ++i) {
      index_t const n = set.steps(i);
      float* const x = set.x.data() + set.start[static_cast<std::size_t>(i)] * c + j;
      for (index_t s = n - 1; s > 0; --s) x[s * c] -= x[(s - 1) * c];
      if (n > 0) x[0] = n > 1 ? x[c] : 0;
    }
  }
}

// Both parts, with means and deviations of the training part's changes.
template <class = void>
[[gnu::cold]] void take_differences(sequences& train, sequences& test) {
  take_differences(train);
  take_differences(test);
  fit_columns(train);
  test.columns = train.columns;
}

}  // namespace petra::data
