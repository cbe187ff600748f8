// Settings of the optimizer steps.
#pragma once
#include "petra/core/concepts.hpp"

namespace petra::inline PETRA_ABI::kernel {

// Weight decay is added to the gradient.
template <scalar T>
struct sgd_settings {
  T lr{};
  T momentum{};
  T weight_decay{};
  bool nesterov = false;
};

// Weight decay is decoupled from the gradient (AdamW), or coupled: added to it.
template <scalar T>
struct adam_settings {
  T lr{};
  T beta1 = T(0.9);
  T beta2 = T(0.999);
  T eps = T(1e-8);
  T weight_decay{};
  bool coupled = false;
};

// Weight decay is added to the gradient.
template <scalar T>
struct rmsprop_settings {
  T lr{};
  T decay = T(0.99);  // of the mean square
  T eps = T(1e-8);
  T momentum{};
  T weight_decay{};
};

}  // namespace petra::kernel
