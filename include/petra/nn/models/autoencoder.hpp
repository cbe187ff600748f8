// The autoencoder of MLPerf Tiny for machine sounds: ten dense layers, 640-128-128-128-128-8-128-128-128-128-640, a batch norm
// and a ReLU after each but the last. What it cannot restore is an anomaly. 269,992 numbers with biases and running statistics.
// Source: Banbury et al., "MLPerf Tiny Benchmark", NeurIPS 2021, anomaly detection. Differs: no biases before batch norms, which
// undo them.
#pragma once
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"

namespace petra::inline PETRA_ABI::models {

// x (N,Inputs) -> x restored (N,Inputs).
template <index_t Inputs = 640, index_t Width = 128, index_t Code = 8>
[[gnu::cold]] auto autoencoder(std::uint64_t seed) {
  using namespace nn;
  auto half = []<index_t In>() {
    return sequential{dense_norm<In, Width>(), dense_norm<Width, Width>(), dense_norm<Width, Width>(),
                      dense_norm<Width, Width>()};
  };
  return initialize(sequential{flatten{}, half.template operator()<Inputs>(), dense_norm<Width, Code>(),
                               half.template operator()<Code>(), dense<Width, Inputs>{}},
                    seed);
}

}  // namespace petra::models
