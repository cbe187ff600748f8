// MobileNetV1 with a quarter of the channels, of MLPerf Tiny for persons in pictures of 96 x 96: thirteen separable blocks.
// 221,794 numbers with biases and running statistics.
// Source: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", 2017, table 1;
// Banbury et al., "MLPerf Tiny Benchmark", NeurIPS 2021, visual wake words. Differs: no biases before batch norms, which undo
// them; strided convolutions pad both sides alike.
#pragma once
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"

namespace petra::inline PETRA_ABI::models {

// x (N,H,W,channels) -> logits (N,classes); either may be dyn, with its number as an argument. `Width`: channels of the first
// convolution, 32 in the paper.
template <index_t Channels = 3, index_t Classes = 2, index_t Width = 8>
[[gnu::cold]] auto mobilenet_v1(std::uint64_t seed, index_t channels = Channels, index_t classes = Classes) {
  using namespace nn;
  constexpr index_t w = Width;
  return initialize(
      sequential{
          conv_norm<Channels, w, window{.stride = 2}>(channels), batch_norm<w>{}, relu{}, separable_block<w, 2 * w>(),
          separable_block<2 * w, 4 * w, 2>(), separable_block<4 * w, 4 * w>(), separable_block<4 * w, 8 * w, 2>(),
          separable_block<8 * w, 8 * w>(), separable_block<8 * w, 16 * w, 2>(), separable_block<16 * w, 16 * w>(),
          separable_block<16 * w, 16 * w>(), separable_block<16 * w, 16 * w>(), separable_block<16 * w, 16 * w>(),
          separable_block<16 * w, 16 * w>(), separable_block<16 * w, 32 * w, 2>(), separable_block<32 * w, 32 * w>(),
          global_avg_pool<>{}, flatten{}, classifier<32 * w, Classes>(classes)},
      seed);
}

}  // namespace petra::models
