// core/fold_lanes.hpp: vectors of every width, of floats and of integers.
#include "petra/core/fold_lanes.hpp"

#include <doctest/doctest.h>

#include <cstdint>

namespace {

using f16 [[gnu::vector_size(16)]] = float;
using i16 [[gnu::vector_size(16)]] = std::int32_t;
#if PETRA_VECTOR_BYTES >= 32
using f32 [[gnu::vector_size(32)]] = float;
using i32 [[gnu::vector_size(32)]] = std::int32_t;
#endif
#if PETRA_VECTOR_BYTES >= 64
using f64 [[gnu::vector_size(64)]] = float;
using i64 [[gnu::vector_size(64)]] = std::int32_t;
#endif

template <class V>
void folds() {
  constexpr int lanes = sizeof(V) / 4;
  auto const sum = [](auto a, auto b) { return a + b; };
  auto const larger = [](auto a, auto b) { return a > b ? a : b; };
  using element = decltype(V{}[0] + 0);
  V ones_at{};
  for (int i = 0; i < lanes; ++i) ones_at[i] = static_cast<element>(1 << i);
  auto const all = petra::elementary::fold_lanes(ones_at, sum);
  for (int i = 0; i < 4; ++i) CHECK(all[i] == static_cast<element>((1 << lanes) - 1));  // every lane once
  for (int top = 0; top < lanes; ++top) {
    V v{};
    for (int i = 0; i < lanes; ++i) v[i] = static_cast<element>(i == top ? 5 : -i);
    CHECK(petra::elementary::fold_lanes(v, larger)[0] == static_cast<element>(5));
  }
}

TEST_CASE("fold_lanes: every lane counts once") {
  folds<f16>();
  folds<i16>();
#if PETRA_VECTOR_BYTES >= 32
  folds<f32>();
  folds<i32>();
#endif
#if PETRA_VECTOR_BYTES >= 64
  folds<f64>();
  folds<i64>();
#endif
}

}  // namespace
