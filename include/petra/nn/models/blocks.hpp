// Building blocks that several models share.
#pragma once
#include "petra/nn/batch_norm.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/pool.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

namespace petra::inline PETRA_ABI::models {

namespace detail {

inline void check_extent(char const* what, index_t n) {
  if (n < 1) throw_error<setting_error>({"models: expected at least one of ", what, ", found ", n});
}

}  // namespace detail

// A convolution that a batch norm follows: its bias would be undone by the norm, so it has none.
// A dyn extent takes its number from the argument. Throws: setting_error when that is below 1.
template <index_t In, index_t Out, nn::window Window = nn::window{}>
[[gnu::cold]] auto conv_norm(index_t in = In) {
  detail::check_extent("channels", in);
  nn::conv2d<In, Out, Window> c;
  if constexpr (In == dyn) c.weight.a.w = tensor<float>({Out, c.taps * in});
  c.bias = {};
  return c;
}

// The last layer: In features to Classes logits. Throws: setting_error when there are none.
template <index_t In, index_t Classes>
[[gnu::cold]] auto classifier(index_t classes = Classes) {
  detail::check_extent("classes", classes);
  nn::dense<In, Classes> d;
  if constexpr (Classes == dyn) {
    d.weight.a.w = tensor<float>({classes, In});
    d.bias = tensor<float>({1, classes});
  }
  return d;
}

// A dense layer without bias, a batch norm and a ReLU.
// In may be dyn, with its number as an argument. Throws: setting_error when that is below 1.
template <index_t In, index_t Out>
[[gnu::cold]] auto dense_norm(index_t in = In) {
  detail::check_extent("inputs", in);
  nn::dense<In, Out> d;
  if constexpr (In == dyn) d.weight.a.w = tensor<float>({Out, in});
  d.bias = {};
  return nn::sequential{std::move(d), nn::batch_norm<Out>{}, nn::relu{}};
}

// Depthwise 3x3, then 1x1, each with a batch norm and a ReLU.
// Source: Howard et al., "MobileNets", 2017, fig. 3.
template <index_t In, index_t Out, index_t Stride = 1>
[[gnu::cold]] auto separable_block() {
  using namespace nn;
  return sequential{conv_norm<In, In, window{.stride = Stride, .groups = per_channel}>(),
                    batch_norm<In>{},
                    relu{},
                    conv_norm<In, Out, window{.size = 1}>(),
                    batch_norm<Out>{},
                    relu{}};
}

// Two 3x3 convolutions around a shortcut. Where the size changes the shortcut is a strided 1x1 convolution.
// Source: He et al., CVPR 2016, fig. 3 and option B.
template <index_t In, index_t Out, index_t Stride>
[[gnu::cold]] auto basic_block() {
  using namespace nn;
  auto body = sequential{conv_norm<In, Out, window{.stride = Stride}>(), batch_norm<Out>{}, relu{},
                         conv_norm<Out, Out>(), batch_norm<Out>{}};
  if constexpr (In == Out && Stride == 1)
    return residual{std::move(body)};
  else
    return residual{std::move(body),
                    sequential{conv_norm<In, Out, window{.size = 1, .stride = Stride}>(), batch_norm<Out>{}}};
}

}  // namespace petra::models
