#include "petra/kernel/reference/rmsprop.hpp"

#include <doctest/doctest.h>

using petra::kernel::rmsprop_settings;
using petra::kernel::rmsprop_step;
using petra::kernel::scalar_tag;

namespace {

// Two steps by hand: squares 0.5 * 16 = 8 and 0.5 * 8 + 0.5 * 64 = 36; the second gradient is divided by 6.
constexpr bool two_rmsprop_steps() {
  double const first = 4, second = 8;
  double velocity = 0, square = 8, w = 1;
  rmsprop_settings<double> const s{.lr = 0.5, .decay = 0.5, .eps = 1, .momentum = 0.5, .weight_decay = 0};
  rmsprop_step(scalar_tag{}, 1, s, &second, &velocity, &square, &w);  // square 36, step 8 / 7
  bool const good = square == 36 && velocity == 8. / 7 && w == 1 - 4. / 7;
  square = 2;
  rmsprop_step(scalar_tag{}, 1, s, &first, &velocity, &square, &w);  // square 9, step 4 / 4, velocity 4 / 7 + 1
  return good && square == 9 && velocity == 4. / 7 + 1;
}
static_assert(two_rmsprop_steps());

// Weight decay is a part of the gradient, so it is scaled as the gradient is.
constexpr bool rmsprop_decays() {
  float const g = 0;
  float velocity = 0, square = 0, w = 8;
  rmsprop_step(scalar_tag{}, 1, rmsprop_settings<float>{0.5f, 0.75f, 0.f, 0.f, 0.5f}, &g, &velocity, &square, &w);
  return square == 4 && velocity == 2 && w == 7;
}
static_assert(rmsprop_decays());

}  // namespace

TEST_CASE("rmsprop_step, reference: by hand") {
  CHECK(two_rmsprop_steps());
  CHECK(rmsprop_decays());
}
