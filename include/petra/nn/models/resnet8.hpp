// ResNet-8 of MLPerf Tiny: three basic blocks of 16, 32 and 64 channels, 78,000 weights.
// Source: Banbury et al., "MLPerf Tiny Benchmark", NeurIPS 2021, image classification.
#pragma once
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"

namespace petra::inline PETRA_ABI::models {

// x (N,H,W,channels) -> logits (N,classes); either may be dyn, with its number as an argument. `Width`: channels of the first stage.
template <index_t Channels = dyn, index_t Classes = dyn, index_t Width = 16>
[[gnu::cold]] auto resnet8(std::uint64_t seed, index_t channels = Channels, index_t classes = Classes) {
  using namespace nn;
  return initialize(
      sequential{conv_norm<Channels, Width>(channels), batch_norm<Width>{}, relu{}, basic_block<Width, Width, 1>(),
                 relu{}, basic_block<Width, 2 * Width, 2>(), relu{}, basic_block<2 * Width, 4 * Width, 2>(), relu{},
                 global_avg_pool<>{}, flatten{}, classifier<4 * Width, Classes>(classes)},
      seed);
}

}  // namespace petra::models
