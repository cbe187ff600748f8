// Training convolutions of bf16 with sums in float, forward and both gradients: the layers of a ResNet-20 at batch 32,
// and alone, where the packing of weights in every call shows.
#include "petra/kernel/simd/conv2d_bf16.hpp"

#include "training_convolutions.hpp"

namespace {

using namespace bench;

[[maybe_unused]] int const enrolled = [] {
  for (conv2d_dims d : training_layers) {
    enroll<bf16>(d);
    d.n = 1;
    enroll<bf16>(d);
  }
  for (auto const& layers :
       {std::span<conv2d_dims const>(large_layers), {series_layers}, {grouped_layers}, {other_layers}})
    for (conv2d_dims const& d : layers) enroll<bf16>(d);
  return 0;
}();

}  // namespace
