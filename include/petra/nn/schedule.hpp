// Learning rate over a training, as a factor of the peak rate. `at` in [0, 1]: share of the steps done.
#pragma once
#include <cmath>
#include <variant>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI {

// Half a cosine from 1 to `end`. Source: Loshchilov, Hutter, "SGDR", ICLR 2017, eq. 5.
struct cosine {
  float end = 0;
  [[nodiscard]] float operator()(float at) const { return end + (1 - end) * 0.5f * (1 + std::cos(3.14159265f * at)); }
  friend bool operator==(cosine const&, cosine const&) = default;
};

// Linear from `start` to 1 during `warm_up`, then a cosine to `end`. Source: Smith, Topin, "Super-Convergence", 2017.
struct one_cycle {
  float warm_up = 0.25f, start = 0.1f, end = 0.001f;
  [[nodiscard]] float operator()(float at) const {
    return at < warm_up ? start + (1 - start) * at / warm_up : cosine{end}((at - warm_up) / (1 - warm_up));
  }
  friend bool operator==(one_cycle const&, one_cycle const&) = default;
};

using schedule_settings = std::variant<one_cycle, cosine>;

}  // namespace petra
