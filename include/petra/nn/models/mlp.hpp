// A multilayer perceptron: dense layers with ReLUs between them. The input may have any shape; it is flattened.
#pragma once
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"

namespace petra::inline PETRA_ABI::models {

// x (N,...) of `inputs` numbers a sample -> outputs (N,classes); either may be dyn, with its number as an argument.
template <index_t Inputs = dyn, index_t Classes = dyn, index_t Width = 128>
[[gnu::cold]] auto mlp(std::uint64_t seed, index_t inputs = Inputs, index_t classes = Classes) {
  using namespace nn;
  detail::check_extent("inputs", inputs);
  dense<Inputs, Width> first;
  if constexpr (Inputs == dyn) first.weight.a.w = tensor<float>({Width, inputs});
  return initialize(sequential{flatten{}, std::move(first), relu{}, dense<Width, Width>{}, relu{},
                               classifier<Width, Classes>(classes)},
                    seed);
}

}  // namespace petra::models
