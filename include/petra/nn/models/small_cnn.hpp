// Three convolutions and a dense layer: 11,000 weights, for pictures of 16 to 64 pixels a side.
#pragma once
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"

namespace petra::inline PETRA_ABI::models {

// x (N,H,W,channels) -> logits (N,classes); either may be dyn, with its number as an argument.
template <index_t Channels = dyn, index_t Classes = dyn>
[[gnu::cold]] auto small_cnn(std::uint64_t seed, index_t channels = Channels, index_t classes = Classes) {
  using namespace nn;
  return initialize(
      sequential{conv_norm<Channels, 16>(channels), batch_norm<16>{}, relu{}, max_pool<2>{}, conv_norm<16, 24>(),
                 batch_norm<24>{}, relu{}, max_pool<2>{}, conv_norm<24, 32>(), batch_norm<32>{}, relu{},
                 global_avg_pool<>{}, flatten{}, classifier<32, Classes>(classes)},
      seed);
}

}  // namespace petra::models
