// ResNet-18 and ResNet-14 of any width: four stages of basic blocks, each with twice the channels of the one before and half the
// size. With 64 channels, the large stem and 1000 classes ResNet-18 is the published one, 11,689,512 weights.
// Source: He et al., CVPR 2016, table 1. Differs: ResNet-14 is not in the paper; it has 1, 2, 2 and 1 blocks.
#pragma once
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"

namespace petra::inline PETRA_ABI::models {

// What comes before the first stage: a 7x7 convolution of stride 2 and a maximum of stride 2 (pictures of 128 pixels and more), or
// a 3x3 convolution of stride 2 (pictures of 64).
enum class stem { large, small };

namespace detail {

template <index_t Channels, index_t Width, stem Stem>
[[gnu::cold]] auto stem_layers(index_t channels) {
  using namespace nn;
  if constexpr (Stem == stem::large)
    return sequential{conv_norm<Channels, Width, window{.size = 7, .stride = 2}>(channels), batch_norm<Width>{}, relu{},
                      max_pool<3, 2, 1>{}};
  else
    return sequential{conv_norm<Channels, Width, window{.stride = 2}>(channels), batch_norm<Width>{}, relu{}};
}

template <index_t In, index_t Out, index_t Stride, index_t Blocks>
[[gnu::cold]] auto stage() {
  using namespace nn;
  if constexpr (Blocks == 1)
    return sequential{basic_block<In, Out, Stride>(), relu{}};
  else
    return sequential{basic_block<In, Out, Stride>(), relu{}, basic_block<Out, Out, 1>(), relu{}};
}

template <index_t Channels, index_t Classes, index_t Width, stem Stem, index_t First, index_t Last>
[[gnu::cold]] auto four_stages(std::uint64_t seed, index_t channels, index_t classes) {
  using namespace nn;
  return initialize(sequential{stem_layers<Channels, Width, Stem>(channels), stage<Width, Width, 1, First>(),
                               stage<Width, 2 * Width, 2, 2>(), stage<2 * Width, 4 * Width, 2, 2>(),
                               stage<4 * Width, 8 * Width, 2, Last>(), global_avg_pool<>{}, flatten{},
                               classifier<8 * Width, Classes>(classes)},
                    seed);
}

}  // namespace detail

// x (N,H,W,channels) -> logits (N,classes); either may be dyn, with its number as an argument. `Width`: channels of the first
// stage.
template <index_t Channels = dyn, index_t Classes = dyn, index_t Width = 16, stem Stem = stem::small>
[[gnu::cold]] auto resnet18(std::uint64_t seed, index_t channels = Channels, index_t classes = Classes) {
  return detail::four_stages<Channels, Classes, Width, Stem, 2, 2>(seed, channels, classes);
}
template <index_t Channels = dyn, index_t Classes = dyn, index_t Width = 16, stem Stem = stem::small>
[[gnu::cold]] auto resnet14(std::uint64_t seed, index_t channels = Channels, index_t classes = Classes) {
  return detail::four_stages<Channels, Classes, Width, Stem, 1, 1>(seed, channels, classes);
}

}  // namespace petra::models
