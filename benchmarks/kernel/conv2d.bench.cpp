// Training convolutions in float, forward and both gradients, batch 32: the layers of a ResNet-20, a ResNet-8 on 28x28
// pictures, depthwise and wide ones. Operations count the taps on the padding, as is usual.
//
// petra_dynamic packs the weights in every call, as training must; oneDNN has its operands in the layouts it likes best
// and assigns the gradients that petra adds to.
#include "petra/kernel/simd/conv2d.hpp"

#include "training_convolutions.hpp"

namespace {

using namespace bench;

[[maybe_unused]] int const enrolled = [] {
  for (conv2d_dims const& d : training_layers) enroll<float>(d);
  for (auto const& layers :
       {std::span<conv2d_dims const>(large_layers), {series_layers}, {grouped_layers}, {other_layers}})
    for (conv2d_dims const& d : layers) enroll<float>(d);
  return 0;
}();

}  // namespace
