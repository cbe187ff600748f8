// The residual network for series: three blocks of convolutions with 8, 5 and 3 taps, 64, 128 and 128 channels, the mean of all
// steps.
// Source: Wang, Yan, Oates, "Time Series Classification from Scratch with Deep Neural Networks: A Strong Baseline", IJCNN 2017,
// fig. 1c. Differs: the last shortcut, where the width stays, is the identity. The published code has a batch norm there, which
// follows no weight and so could not be folded into integer ones.
#pragma once
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/series_blocks.hpp"

namespace petra::inline PETRA_ABI::models {

// x (N,L,channels) -> outputs (N,classes); either may be dyn, with its number as an argument. `Width`: channels of the first
// block.
template <index_t Channels = dyn, index_t Classes = dyn, index_t Width = 64>
[[gnu::cold]] auto resnet1d(std::uint64_t seed, index_t channels = Channels, index_t classes = Classes) {
  using namespace nn;
  auto body = []<index_t In, index_t Out>(index_t in) {
    return sequential{conv1d_norm<In, Out, window{.size = 8}>(in), batch_norm<Out>{}, relu{},
                      conv1d_norm<Out, Out, window{.size = 5}>(),  batch_norm<Out>{}, relu{},
                      conv1d_norm<Out, Out, window{.size = 3}>(),  batch_norm<Out>{}};
  };
  auto wider = [&]<index_t In, index_t Out>(index_t in) {
    return residual{body.template operator()<In, Out>(in),
                    sequential{conv1d_norm<In, Out, window{.size = 1}>(in), batch_norm<Out>{}}};
  };
  return initialize(sequential{wider.template operator()<Channels, Width>(channels), relu{},
                               wider.template operator()<Width, 2 * Width>(Width), relu{},
                               residual{body.template operator()<2 * Width, 2 * Width>(2 * Width)}, relu{},
                               global_avg_pool1d<>{}, classifier<2 * Width, Classes>(classes)},
                    seed);
}

}  // namespace petra::models
