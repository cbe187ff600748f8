// Building blocks that several models of series share. Sequences (N,L,C) may have lengths.
#pragma once
#include "petra/nn/branch.hpp"
#include "petra/nn/conv1d.hpp"
#include "petra/nn/models/blocks.hpp"
#include "petra/nn/pool1d.hpp"

namespace petra::inline PETRA_ABI::models {

// A convolution along the steps that a batch norm follows: its bias would be undone by the norm, so it has none.
// A dyn extent takes its number from the argument. Throws: setting_error when that is below 1.
template <index_t In, index_t Out, nn::window Window = nn::window{}>
[[gnu::cold]] auto conv1d_norm(index_t in = In) {
  detail::check_extent("channels", in);
  nn::conv1d<In, Out, Window> c;
  if constexpr (In == dyn) c.weight.a.w = tensor<float>({Out, c.taps * in});
  c.bias = {};
  return c;
}

// The inception module: a 1x1 bottleneck under convolutions of 39, 19 and 9 taps, beside a maximum over three steps with a
// 1x1 convolution; 4 Filters channels, a batch norm and a ReLU. One channel has no bottleneck.
// Source: Ismail Fawaz et al., "InceptionTime: Finding AlexNet for Time Series Classification", DMKD 2020, fig. 2. Differs: odd
// numbers of taps (40, 20 and 10 there), which keep the length symmetrically.
template <index_t In, index_t Filters>
[[gnu::cold]] auto inception_block(index_t in = In) {
  using namespace nn;
  auto scales = []<index_t C>() {
    return branch{conv1d_norm<C, Filters, window{.size = 39}>(), conv1d_norm<C, Filters, window{.size = 19}>(),
                  conv1d_norm<C, Filters, window{.size = 9}>()};
  };
  auto pooled = sequential{max_pool1d<3, 1, same>{}, conv1d_norm<In, Filters, window{.size = 1}>(in)};
  if constexpr (In == 1)
    return sequential{branch{scales.template operator()<1>(), std::move(pooled)}, batch_norm<4 * Filters>{}, relu{}};
  else
    return sequential{
        branch{sequential{conv1d_norm<In, Filters, window{.size = 1}>(in), scales.template operator()<Filters>()},
               std::move(pooled)},
        batch_norm<4 * Filters>{}, relu{}};
}

}  // namespace petra::models
