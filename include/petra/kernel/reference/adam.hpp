// One step of Adam with decoupled or coupled weight decay, the specification of kernel::adam_step.
//
// Source: Kingma, Ba, "Adam", ICLR 2015, algorithm 1; Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR
// 2019, algorithm 2.
#pragma once
#include "petra/core/assert.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/optimizer_settings.hpp"
#include "petra/kernel/reference/square_root.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// 1 - beta^t, in double: in float the first steps of beta2 = 0.999 would carry an error of 1e-4. Pre: t >= 0.
template <scalar T>
constexpr double bias_correction(T beta, index_t t) {
  double power = 1, square = static_cast<double>(beta);
  for (; t > 0; t /= 2, square *= square)
    if (t % 2 == 1) power *= square;
  return 1 - power;
}

// Step t = 1, 2, ...: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
// w -= lr (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps) + weight_decay w);
// coupled: g + weight_decay w in place of g, and no decay in the last line.
// Pre: t >= 1.
template <scalar T>
constexpr void adam_step(scalar_tag, index_t n, adam_settings<T> s, index_t t, T const* g, T* m, T* v, T* w) {
  expects(t >= 1, "kernel: adam_step: steps are counted from 1");
  T const scale1 = static_cast<T>(1 / bias_correction(s.beta1, t));
  T const scale2 = static_cast<T>(1 / bias_correction(s.beta2, t));
  T const l2 = s.coupled ? s.weight_decay : T(0), decay = s.coupled ? T(0) : s.weight_decay;
  for (index_t i = 0; i < n; ++i) {
    T const d = g[i] + l2 * w[i];
    m[i] = s.beta1 * m[i] + (T(1) - s.beta1) * d;
    v[i] = s.beta2 * v[i] + (T(1) - s.beta2) * d * d;
    w[i] -= s.lr * (m[i] * scale1 / (square_root(v[i] * scale2) + s.eps) + decay * w[i]);
  }
}

}  // namespace petra::kernel
