// Rectified linear unit in float.
#pragma once
#include "petra/kernel/reference/relu.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y = max(x, 0); NaN stays NaN, so that a diverged training is seen. Assigns y, which may be x.
template <class = void>
inline void relu(simd_tag, index_t n, float const* x, float* y) {
  using namespace simd;
  each_vector(n, [=](auto lane, index_t i) {
    vector const v = lane.load(x + i);
    lane.store(y + i, select(v < zero(), zero(), v));
  });
}

// dx += dy where y > 0 (y: the result of relu). Accumulates into dx.
template <class = void>
inline void relu_backward(simd_tag, index_t n, float const* y, float const* dy, float* dx) {
  using namespace simd;
  each_vector(n, [=](auto lane, index_t i) {
    lane.store(dx + i, lane.load(dx + i) + select(lane.load(y + i) > zero(), lane.load(dy + i), zero()));
  });
}

// dx = dy where y > 0, else 0. Assigns dx, which may be dy.
template <class = void>
inline void relu_mask(simd_tag, index_t n, float const* y, float const* dy, float* dx) {
  using namespace simd;
  each_vector(n, [=](auto lane, index_t i) {
    lane.store(dx + i, select(lane.load(y + i) > zero(), lane.load(dy + i), zero()));
  });
}

}  // namespace petra::kernel
