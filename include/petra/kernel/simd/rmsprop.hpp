// One step of RMSprop with momentum, in float.
#pragma once
#include "petra/kernel/reference/rmsprop.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

// d = g + weight_decay w; square = decay square + (1 - decay) d^2; velocity = momentum velocity + d / (sqrt(square) + eps);
// w -= lr velocity.
template <class = void>
inline void rmsprop_step(simd_tag, index_t n, rmsprop_settings<float> s, float const* g, float* velocity, float* square,
                         float* w) {
  using namespace simd;
  vector const l2 = broadcast(s.weight_decay), keep = broadcast(s.decay), rest = broadcast(1.f - s.decay);
  vector const eps = broadcast(s.eps), momentum = broadcast(s.momentum), lr = broadcast(-s.lr);
  each_vector(n, [=](auto lane, index_t i) {
    vector const weight = lane.load(w + i), d = fmadd(l2, weight, lane.load(g + i));
    vector const mean = fmadd(keep, lane.load(square + i), rest * d * d);
    vector const v = fmadd(momentum, lane.load(velocity + i), d / (square_root(mean) + eps));
    lane.store(square + i, mean);
    lane.store(velocity + i, v);
    lane.store(w + i, fmadd(lr, v, weight));
  });
}

}  // namespace petra::kernel
