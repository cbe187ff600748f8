// One step of RMSprop with momentum, the specification of kernel::rmsprop_step.
//
// Source: Tieleman, Hinton, "Lecture 6.5: rmsprop", Neural Networks for Machine Learning, 2012; momentum on the scaled
// gradient: Graves, "Generating sequences with recurrent neural networks", 2013, eq. 38 to 45, not centered.
// Differs: the learning rate enters where the weight is changed, so that a schedule acts at once on the whole step.
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/optimizer_settings.hpp"
#include "petra/kernel/reference/square_root.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// d = g + weight_decay w; square = decay square + (1 - decay) d^2; velocity = momentum velocity + d / (sqrt(square) + eps);
// w -= lr velocity.
template <scalar T>
constexpr void rmsprop_step(scalar_tag, index_t n, rmsprop_settings<T> s, T const* g, T* velocity, T* square, T* w) {
  for (index_t i = 0; i < n; ++i) {
    T const d = g[i] + s.weight_decay * w[i];
    square[i] = s.decay * square[i] + (T(1) - s.decay) * d * d;
    velocity[i] = s.momentum * velocity[i] + d / (square_root(square[i]) + s.eps);
    w[i] -= s.lr * velocity[i];
  }
}

}  // namespace petra::kernel
