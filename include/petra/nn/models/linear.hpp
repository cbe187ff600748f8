// One dense layer of extents known at run time, zero: softmax or linear regression. Its training is a convex problem, so
// it needs no random start.
#pragma once
#include "petra/nn/dense.hpp"

namespace petra::inline PETRA_ABI::models {

// x (N,inputs) -> (N,outputs)
[[nodiscard, gnu::cold]] inline nn::dense<dyn, dyn> linear(index_t inputs, index_t outputs) {
  nn::dense<dyn, dyn> model;
  model.weight.a.w = tensor<float>({outputs, inputs});
  model.bias = tensor<float>({1, outputs});
  return model;
}

}  // namespace petra::models
