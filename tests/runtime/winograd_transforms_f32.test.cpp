// runtime/winograd_transforms_f32.hpp: the three maps make a convolution, exactly so in double with small integers.
#include <doctest/doctest.h>

#include "petra/core/random.hpp"
#include "petra/runtime/winograd_transforms_f32.hpp"

namespace {

using namespace petra;

TEST_CASE("winograd_transforms_f32: four outputs of three taps in one dimension") {
  petra::random r(1);
  for (int n = 0; n < 100; ++n) {
    float d[6], g32[3], v[6], m[6], y[4];
    double g[3], u[6];
    for (float& e : d) e = static_cast<float>(static_cast<int>(r.index(17)) - 8);
    for (int i = 0; i < 3; ++i)
      g[i] = static_cast<double>(g32[i] = static_cast<float>(static_cast<int>(r.index(17)) - 8));
    rt::transform_inputs(d, v);
    rt::transform_kernel(g, u);
    for (int i = 0; i < 6; ++i) m[i] = static_cast<float>(u[i]) * v[i];
    rt::transform_products(m, y);
    for (int i = 0; i < 4; ++i) {
      float const want = d[i] * g32[0] + d[i + 1] * g32[1] + d[i + 2] * g32[2];
      REQUIRE(static_cast<double>(y[i]) == doctest::Approx(static_cast<double>(want)).epsilon(1e-4).scale(100));
    }
  }
}

}  // namespace
