// One step of stochastic gradient descent with momentum, in float.
#pragma once
#include "petra/kernel/reference/sgd.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

// d = g + weight_decay * w; velocity = momentum * velocity + d;
// w -= lr * (nesterov ? d + momentum * velocity : velocity).
template <class = void>
inline void sgd_step(simd_tag, index_t n, sgd_settings<float> s, float const* g, float* velocity, float* w) {
  using namespace simd;
  vector const decay = broadcast(s.weight_decay), momentum = broadcast(s.momentum), lr = broadcast(-s.lr);
  each_vector(n, [=](auto lane, index_t i) {
    vector const weight = lane.load(w + i);
    vector const d = fmadd(decay, weight, lane.load(g + i));
    vector const v = fmadd(momentum, lane.load(velocity + i), d);
    lane.store(velocity + i, v);
    lane.store(w + i, fmadd(lr, s.nesterov ? fmadd(momentum, v, d) : v, weight));
  });
}

}  // namespace petra::kernel
