// One step of stochastic gradient descent with momentum, the specification of kernel::sgd_step.
//
// Source: Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum", ICML 2013.
// Differs: the velocity is a sum of gradients, the learning rate enters where the weight is changed, so that a schedule
// acts at once on the whole step.
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/optimizer_settings.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// d = g + weight_decay * w; velocity = momentum * velocity + d;
// w -= lr * (nesterov ? d + momentum * velocity : velocity).
template <scalar T>
constexpr void sgd_step(scalar_tag, index_t n, sgd_settings<T> s, T const* g, T* velocity, T* w) {
  for (index_t i = 0; i < n; ++i) {
    T const d = g[i] + s.weight_decay * w[i];
    velocity[i] = s.momentum * velocity[i] + d;
    w[i] -= s.lr * (s.nesterov ? d + s.momentum * velocity[i] : velocity[i]);
  }
}

}  // namespace petra::kernel
