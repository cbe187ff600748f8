// core/bound_f32.hpp: bounds on vectors of every width, NaN passed on.
#include "petra/core/bound_f32.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace {

using v16 [[gnu::vector_size(16)]] = float;
#if PETRA_VECTOR_BYTES >= 32
using v32 [[gnu::vector_size(32)]] = float;
#endif
#if PETRA_VECTOR_BYTES >= 64
using v64 [[gnu::vector_size(64)]] = float;
#endif

template <class v>
void bounds() {
  constexpr int lanes = sizeof(v) / sizeof(float);
  constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  float const values[] = {-inf, -3.f, -2.f, -0.f, 0.f, 1e-40f, 2.f, 3.f, inf, nan};
  for (float const x : values) {
    CAPTURE(x);
    v const all = x - v{}, hi = petra::elementary::at_most(all, 2.f), lo = petra::elementary::at_least(all, -2.f),
            size = petra::elementary::magnitude(all);
    for (int i = 0; i < lanes; ++i) {
      if (std::isnan(x)) {
        CHECK(std::isnan(hi[i]));
        CHECK(std::isnan(lo[i]));
        CHECK(std::isnan(size[i]));
        continue;
      }
      CHECK(hi[i] == (x > 2.f ? 2.f : x));
      CHECK(lo[i] == (x < -2.f ? -2.f : x));
      CHECK(size[i] == std::fabs(x));
      CHECK_FALSE(std::signbit(size[i]));
    }
  }
}

}  // namespace

TEST_CASE("bound_f32: at_most, at_least, magnitude; NaN stays NaN") {
  bounds<v16>();
#if PETRA_VECTOR_BYTES >= 32
  bounds<v32>();
#endif
#if PETRA_VECTOR_BYTES >= 64
  bounds<v64>();
#endif
}
