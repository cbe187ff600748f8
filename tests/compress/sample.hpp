// What the tests of stages need: a small network, data, a context.
#pragma once
#include "../nn/sample_training.hpp"
#include "petra/compress/pipeline.hpp"
#include "petra/nn/models/blocks.hpp"

namespace petra_test {

using petra::index_t;
using petra::tensor;
using data_context = petra::context<picture_set>;

// 12x12x1 -> 3 classes. Groups: 8 hidden channels, 8 channels that a residual ties together, 3 logits.
inline auto small_model(std::uint64_t seed = 1) {
  using namespace petra::nn;
  using petra::models::conv_norm;
  return initialize(
      sequential{conv_norm<1, 8, window{.stride = 2}>(), batch_norm<8>{}, relu{},
                 residual{sequential{conv_norm<8, 8>(), batch_norm<8>{}, relu{}, conv_norm<8, 8>(), batch_norm<8>{}}},
                 relu{}, global_avg_pool<>{}, flatten{}, dense<8, 3>{}},
      seed);
}

// The same task without convolutions, which take most of the compile time. Groups: 16 channels that a residual ties together,
// 16 hidden ones, 3 logits.
inline auto dense_model(std::uint64_t seed = 1) {
  using namespace petra::nn;
  return initialize(sequential{flatten{}, dense<144, 16>{}, relu{},
                               residual{sequential{dense<16, 16>{}, relu{}, dense<16, 16>{}}}, dense<16, 3>{}},
                    seed);
}

inline data_context context_of(picture_set const& train) {
  data_context c;
  c.train = &train;
  return c;
}

}  // namespace petra_test
