// One step of Adam with decoupled or coupled weight decay, in float.
#pragma once
#include "petra/kernel/reference/adam.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

// Step t = 1, 2, ...: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
// w -= lr (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps) + weight_decay w);
// coupled: g + weight_decay w in place of g, and no decay in the last line.
// Pre: t >= 1.
template <class = void>
inline void adam_step(simd_tag, index_t n, adam_settings<float> s, index_t t, float const* g, float* m, float* v,
                      float* w) {
  using namespace simd;
  expects(t >= 1, "kernel: adam_step: steps are counted from 1");
  vector const beta1 = broadcast(s.beta1), rest1 = broadcast(1.f - s.beta1);
  vector const beta2 = broadcast(s.beta2), rest2 = broadcast(1.f - s.beta2);
  vector const scale1 = broadcast(static_cast<float>(1 / bias_correction(s.beta1, t)));
  vector const scale2 = broadcast(static_cast<float>(1 / bias_correction(s.beta2, t)));
  vector const eps = broadcast(s.eps), lr = broadcast(-s.lr);
  vector const l2 = broadcast(s.coupled ? s.weight_decay : 0.f), decay = broadcast(s.coupled ? 0.f : s.weight_decay);
  each_vector(n, [=](auto lane, index_t i) {
    vector const weight = lane.load(w + i), d = fmadd(l2, weight, lane.load(g + i));
    vector const first = fmadd(beta1, lane.load(m + i), rest1 * d);
    vector const second = fmadd(beta2, lane.load(v + i), rest2 * d * d);
    lane.store(m + i, first);
    lane.store(v + i, second);
    vector const step = first * scale1 / (square_root(second * scale2) + eps);
    lane.store(w + i, fmadd(lr, fmadd(decay, weight, step), weight));
  });
}

}  // namespace petra::kernel
