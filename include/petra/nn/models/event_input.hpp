// The first layer of a model of events, made from the columns of the data.
#pragma once
#include "petra/data/sequences.hpp"
#include "petra/nn/event_embedding.hpp"

namespace petra::inline PETRA_ABI::models {

// A categorical column of V ids becomes a vector of (V + 1) / 2 numbers, `most` at most.
// Source: the rule of the fast.ai library, after Guo, Berkhahn, "Entity embeddings of categorical variables", 2016.
// Throws: setting_error when there is no column or most < 1.
template <class = void>
[[gnu::cold]] nn::event_embedding<> event_input(std::vector<data::column> const& columns, index_t most = 16) {
  if (most < 1) throw_error<setting_error>({"event_input: expected vectors of at least one number, found ", most});
  std::vector<nn::event_column> all;
  for (data::column const& c : columns) all.push_back({c.ids, c.ids > 0 ? std::min(most, (c.ids + 1) / 2) : 0});
  return nn::event_embedding<>(std::move(all));
}

}  // namespace petra::models
