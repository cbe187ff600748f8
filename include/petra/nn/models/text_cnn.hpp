// The convolutional network for sentences: windows of three, four and five words, the strongest answer of each filter anywhere
// in the text, dropout, one dense layer. 360,902 weights beside the table for words of 300 numbers and two classes.
// Source: Kim, "Convolutional Neural Networks for Sentence Classification", EMNLP 2014, sec. 2 and 3.1 (CNN-rand). As in its
// published code windows reach over both ends of a text, so one word is enough. Differs: no bound on the norm of the last layer.
#pragma once
#include "petra/nn/dropout.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/series_blocks.hpp"

namespace petra::inline PETRA_ABI::models {

// x, ids (N,L,1) -> logits (N,classes). `words` is the layer that makes vectors of them, (N,L,1) -> (N,L,Width), and says where
// texts end: text_cnn<64, 2>(seed, embedding<20000, 64>{}). Classes may be dyn, with its number as an argument. `Filters`: of
// each width of window.
template <index_t Width, index_t Classes = dyn, index_t Filters = 100, class Embedding>
[[gnu::cold]] auto text_cnn(std::uint64_t seed, Embedding words, index_t classes = Classes) {
  using namespace nn;
  auto filters = []<index_t Size>() {
    return sequential{conv1d<Width, Filters, window{.size = Size, .pad = Size - 1}>{}, relu{}, global_max_pool1d{}};
  };
  return initialize(sequential{std::move(words),
                               branch{filters.template operator()<3>(), filters.template operator()<4>(),
                                      filters.template operator()<5>()},
                               dropout{0.5f}, classifier<3 * Filters, Classes>(classes)},
                    seed);
}

}  // namespace petra::models
