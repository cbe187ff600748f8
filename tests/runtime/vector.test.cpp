// runtime/vector.hpp: partial loads and stores touch n elements, a broadcast keeps its sign.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "petra/runtime/vector.hpp"

namespace {

using petra::rt::f32_lanes;
using petra::rt::f32v;
using petra::rt::index_t;

TEST_CASE("f32v: n elements and no more") {
  for (index_t n = 1; n <= f32_lanes; ++n) {
    std::vector<float> x;
    for (index_t i = 0; i < n; ++i) x.push_back(static_cast<float>(i) - 3.5f);
    f32v const v = petra::rt::load(x.data(), n);
    for (int i = 0; i < f32_lanes; ++i) CHECK(v[i] == (i < n ? x[static_cast<std::size_t>(i)] : 0.f));
    std::vector<float> y(static_cast<std::size_t>(f32_lanes + 1), 9.f);
    petra::rt::store(y.data(), v, n);
    for (int i = 0; i <= f32_lanes; ++i)
      CHECK(y[static_cast<std::size_t>(i)] == (i < n ? x[static_cast<std::size_t>(i)] : 9.f));
  }
}

TEST_CASE("f32v: broadcast and maximum") {
  f32v const zero = petra::rt::broadcast(-0.f),
             v = petra::rt::max(petra::rt::broadcast(-2.f), petra::rt::broadcast(3.f));
  for (int i = 0; i < f32_lanes; ++i) {
    CHECK(std::signbit(zero[i]));
    CHECK(v[i] == 3.f);
  }
}

}  // namespace
