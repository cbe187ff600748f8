// Embeddings of a set by a trainable model: outputs of whatever width it has.
#pragma once
#include "petra/nn/evaluate.hpp"

namespace petra::inline PETRA_ABI::nn {

// (N,E), in the order of the set; empty for a set without samples. Throws: shape_error unless a sample has one row of outputs.
template <class Model, data::dataset D>
[[nodiscard]] tensor<float> embed(Model& model, D const& set, index_t batch = 128, petra::workers const& workers = {}) {
  tensor<float> all;
  for_each_batch(
      model, set, batch,
      [&](float const* outputs, index_t first, index_t n, index_t width) {
        if (first == 0) all = tensor<float>({set.size(), width});
        std::copy_n(outputs, n * width, all.data() + first * width);
      },
      workers);
  return all;
}

}  // namespace petra::nn
