#include "petra/kernel/reference/sgd.hpp"

#include <doctest/doctest.h>

#include <array>

using petra::kernel::scalar_tag;
using petra::kernel::sgd_step;

namespace {

// d = 2 + 0.5 * 4 = 4; velocity = 0.5 * 8 + 4 = 8; w = 4 - 0.25 * 8, with Nesterov 4 - 0.25 * (4 + 0.5 * 8).
template <class T>
constexpr bool by_hand() {
  for (bool const nesterov : {false, true}) {
    T const g = 2;
    T velocity = 8, w = 4;
    sgd_step(scalar_tag{}, 1, petra::kernel::sgd_settings<T>{T(0.25), T(0.5), T(0.5), nesterov}, &g, &velocity, &w);
    if (velocity != 8 || w != 2) return false;
    sgd_step(scalar_tag{}, 1, petra::kernel::sgd_settings<T>{T(0.25), T(0.5), T(0), nesterov}, &g, &velocity, &w);
    // d = 2; velocity = 6; w = 2 - 0.25 * 6, with Nesterov 2 - 0.25 * (2 + 3)
    if (velocity != 6 || w != (nesterov ? T(0.75) : T(0.5))) return false;
  }
  return true;
}
static_assert(by_hand<float>() && by_hand<double>());

}  // namespace

TEST_CASE("sgd_step, reference: by hand") {
  CHECK(by_hand<float>());
  CHECK(by_hand<double>());
}
