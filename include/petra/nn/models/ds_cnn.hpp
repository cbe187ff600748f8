// DS-CNN of MLPerf Tiny for keywords: one 10x4 convolution and four separable blocks of 64 channels, on 49 x 10 coefficients of
// a second of sound. 24,908 numbers with biases and running statistics.
// Source: Zhang et al., "Hello Edge: Keyword Spotting on Microcontrollers", 2017; Banbury et al., "MLPerf Tiny Benchmark",
// NeurIPS 2021, keyword spotting. Differs: no biases before batch norms, which undo them.
#pragma once
#include "petra/nn/dropout.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"

namespace petra::inline PETRA_ABI::models {

// x (N,H,W,channels) -> logits (N,classes); either may be dyn, with its number as an argument.
template <index_t Channels = 1, index_t Classes = 12, index_t Width = 64>
[[gnu::cold]] auto ds_cnn(std::uint64_t seed, index_t channels = Channels, index_t classes = Classes) {
  using namespace nn;
  return initialize(
      sequential{conv_norm<Channels, Width, window{.size = 10, .stride = 2, .width = 4}>(channels), batch_norm<Width>{},
                 relu{}, dropout{0.2f}, separable_block<Width, Width>(), separable_block<Width, Width>(),
                 separable_block<Width, Width>(), separable_block<Width, Width>(), dropout{0.4f}, global_avg_pool<>{},
                 flatten{}, classifier<Width, Classes>(classes)},
      seed);
}

}  // namespace petra::models
