// InceptionTime: six inception modules, a shortcut around every three, the mean of all steps. One network; the paper averages
// five of them.
// Source: Ismail Fawaz et al., "InceptionTime: Finding AlexNet for Time Series Classification", DMKD 2020.
#pragma once
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/series_blocks.hpp"

namespace petra::inline PETRA_ABI::models {

// x (N,L,channels) -> outputs (N,classes); either may be dyn, with its number as an argument. `Filters`: of each convolution.
// Classes are logits, or numbers to predict.
template <index_t Channels = dyn, index_t Classes = dyn, index_t Filters = 32>
[[gnu::cold]] auto inception_time(std::uint64_t seed, index_t channels = Channels, index_t classes = Classes) {
  using namespace nn;
  constexpr index_t wide = 4 * Filters;
  auto three = []<index_t In>(index_t in) {
    return residual{sequential{inception_block<In, Filters>(in), inception_block<4 * Filters, Filters>(),
                               inception_block<4 * Filters, Filters>()},
                    sequential{conv1d_norm<In, 4 * Filters, window{.size = 1}>(in), batch_norm<4 * Filters>{}}};
  };
  return initialize(
      sequential{three.template operator()<Channels>(channels), relu{}, three.template operator()<wide>(wide), relu{},
                 global_avg_pool1d<>{}, classifier<wide, Classes>(classes)},
      seed);
}

}  // namespace petra::models
