#include "petra/kernel/optimizer_settings.hpp"

#include <doctest/doctest.h>

TEST_CASE("optimizer_settings: defaults are those of the papers; what is not set does nothing") {
  constexpr petra::kernel::sgd_settings<float> sgd{};
  static_assert(sgd.lr == 0 && sgd.momentum == 0 && sgd.weight_decay == 0 && !sgd.nesterov);
  constexpr petra::kernel::adam_settings<double> adam{.lr = 0.1};
  static_assert(adam.lr == 0.1 && adam.beta1 == 0.9 && adam.beta2 == 0.999 && adam.eps == 1e-8);
  static_assert(!adam.coupled && petra::kernel::rmsprop_settings<float>{}.momentum == 0);
  CHECK(petra::kernel::adam_settings<float>{}.beta1 == 0.9f);
}
