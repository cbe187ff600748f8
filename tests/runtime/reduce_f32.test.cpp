// runtime/reduce_f32.hpp: every lane counts once.
#include "petra/runtime/reduce_f32.hpp"

#include <doctest/doctest.h>

using namespace petra;

TEST_CASE("reduce_f32: sums and maxima of lanes") {
  rt::f32v powers{};
  for (int i = 0; i < rt::f32_lanes; ++i) powers[i] = static_cast<float>(1 << i);
  CHECK(rt::sum_of_lanes(powers) == static_cast<float>((1 << rt::f32_lanes) - 1));
  for (int top = 0; top < rt::f32_lanes; ++top) {
    rt::f32v v{};
    for (int i = 0; i < rt::f32_lanes; ++i) v[i] = i == top ? -1.f : static_cast<float>(-2 - i);
    CHECK(rt::max_of_lanes(v) == -1.f);
  }
}
