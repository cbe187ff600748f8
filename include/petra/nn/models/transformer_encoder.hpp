// A transformer encoder over text or events: pre-normalized blocks, one norm, one vector a sequence, logits.
//
// text_transformer    ids (N,L,1) -> logits (N,classes)
// event_transformer   events (N,L,F) -> logits (N,classes)
// Pool: the layer that makes (N,Width) of (N,L,Width).
// Source: Vaswani et al., "Attention is all you need", 2017, encoder; nn/models/encoder_block.hpp.
#pragma once
#include "petra/nn/embedding.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"
#include "petra/nn/models/encoder_block.hpp"
#include "petra/nn/models/event_input.hpp"
#include "petra/nn/one_step.hpp"
#include "petra/nn/positions.hpp"

namespace petra::inline PETRA_ABI::models {

namespace detail {

// A place for each step and Layers blocks after one another.
template <index_t Width, index_t Heads, index_t Inner, index_t Layers>
[[gnu::cold]] auto encoder_stack(index_t length) {
  check_extent("steps", length);
  nn::positions<dyn, Width> places{tensor<float>({length, Width})};
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return nn::sequential{std::move(places), (static_cast<void>(I), encoder_block<Width, Heads, Inner>())...,
                          nn::layer_norm<Width>{}};
  }
  (std::make_index_sequence<static_cast<std::size_t>(Layers)>{});
}

}  // namespace detail

// ids: of the vocabulary, 0 for padding; length: steps of the longest sequence. Throws: setting_error when one is below 1.
template <index_t Width = 64, index_t Heads = 4, index_t Inner = 256, index_t Layers = 2, index_t Classes = dyn,
          class Pool = nn::first_step>
[[gnu::cold]] auto text_transformer(std::uint64_t seed, index_t ids, index_t length, index_t classes = Classes) {
  detail::check_extent("ids", ids);
  nn::embedding<dyn, Width> words;
  words.table_weight.a.w = tensor<float>({ids, Width});
  return nn::initialize(nn::sequential{std::move(words), detail::encoder_stack<Width, Heads, Inner, Layers>(length),
                                       Pool{}, classifier<Width, Classes>(classes)},
                        seed);
}

// columns: those of the data set.
template <index_t Width = 64, index_t Heads = 4, index_t Inner = 256, index_t Layers = 2, index_t Classes = dyn,
          class Pool = nn::last_step>
[[gnu::cold]] auto event_transformer(std::uint64_t seed, std::vector<data::column> const& columns, index_t length,
                                     index_t classes = Classes) {
  auto input = event_input(columns);
  nn::dense<dyn, Width> projection;
  projection.weight.a.w = tensor<float>({Width, input.width()});
  return nn::initialize(nn::sequential{std::move(input), std::move(projection),
                                       detail::encoder_stack<Width, Heads, Inner, Layers>(length), Pool{},
                                       classifier<Width, Classes>(classes)},
                        seed);
}

}  // namespace petra::models
