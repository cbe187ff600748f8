// Sequences of events through one GRU: a class for each (or numbers, see nn/loss.hpp), or an embedding that is compared by angle.
//
// gru_encoder    events (N,L,F) -> logits (N,classes)
// gru_embedder   events (N,L,F) -> embeddings (N,Hidden) of length one, for contrastive losses
// Source of the second: Babaev et al., "CoLES: contrastive learning for event sequences with self-supervision", SIGMOD 2022.
#pragma once
#include "petra/nn/gru.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"
#include "petra/nn/models/event_input.hpp"
#include "petra/nn/unit_length.hpp"

namespace petra::inline PETRA_ABI::models {

namespace detail {

// The last state of Hidden units over `in` numbers a step.
template <index_t Hidden>
[[gnu::cold]] auto last_gru_state(index_t in) {
  nn::gru<dyn, Hidden, nn::recurrent_settings{.last = true}> layer;
  layer.input_weight.a.w = tensor<float>({layer.rows, in});
  return layer;
}

}  // namespace detail

// columns: those of the data set. Throws: setting_error when there is no column or no class.
template <index_t Hidden = 64, index_t Classes = dyn>
[[gnu::cold]] auto gru_encoder(std::uint64_t seed, std::vector<data::column> const& columns,
                               index_t classes = Classes) {
  auto input = event_input(columns);
  auto layer = detail::last_gru_state<Hidden>(input.width());
  return nn::initialize(nn::sequential{std::move(input), std::move(layer), classifier<Hidden, Classes>(classes)}, seed);
}

template <index_t Hidden = 64>
[[gnu::cold]] auto gru_embedder(std::uint64_t seed, std::vector<data::column> const& columns) {
  auto input = event_input(columns);
  auto layer = detail::last_gru_state<Hidden>(input.width());
  return nn::initialize(nn::sequential{std::move(input), std::move(layer), nn::unit_length{}}, seed);
}

}  // namespace petra::models
