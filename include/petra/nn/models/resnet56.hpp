// ResNet-56 for 32x32 pictures: three stages of nine basic blocks, 16, 32 and 64 channels, 0.86 million weights.
// Source: He et al., CVPR 2016, sec. 4.2. Differs: a 1x1 convolution where the size changes (option B).
#pragma once
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"

namespace petra::inline PETRA_ABI::models {

// x (N,H,W,channels) -> logits (N,classes); either may be dyn, with its number as an argument.
template <index_t Channels = dyn, index_t Classes = dyn>
[[gnu::cold]] auto resnet56(std::uint64_t seed, index_t channels = Channels, index_t classes = Classes) {
  using namespace nn;
  auto stage = []<index_t In, index_t Out, index_t Stride>() {
    // In twos: four times the same type is compiled once.
    auto two = [] { return sequential{basic_block<Out, Out, 1>(), relu{}, basic_block<Out, Out, 1>(), relu{}}; };
    return sequential{basic_block<In, Out, Stride>(), relu{}, two(), two(), two(), two()};
  };
  return initialize(
      sequential{conv_norm<Channels, 16>(channels), batch_norm<16>{}, relu{}, stage.template operator()<16, 16, 1>(),
                 stage.template operator()<16, 32, 2>(), stage.template operator()<32, 64, 2>(), global_avg_pool<>{},
                 flatten{}, classifier<64, Classes>(classes)},
      seed);
}

}  // namespace petra::models
