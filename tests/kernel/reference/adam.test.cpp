#include "petra/kernel/reference/adam.hpp"

#include <doctest/doctest.h>

#include <cmath>

using petra::index_t;
using petra::kernel::adam_settings;
using petra::kernel::adam_step;
using petra::kernel::bias_correction;
using petra::kernel::scalar_tag;

namespace {

static_assert(bias_correction(0.5, 1) == 0.5 && bias_correction(0.5, 3) == 0.875 && bias_correction(0.5, 0) == 0);

// The first step is the sign of the gradient times the learning rate, whatever the betas.
constexpr bool first_step() {
  double const g[] = {4, -0.25};
  double m[2] = {}, v[2] = {}, w[] = {1, 1};
  adam_step(scalar_tag{}, 2, adam_settings<double>{0.5, 0.75, 0.5, 0, 0}, 1, g, m, v, w);
  return m[0] == 1 && v[0] == 8 && w[0] == 0.5 && w[1] == 1.5;
}
static_assert(first_step());

// Decoupled decay: with no gradient ever, w *= 1 - lr * weight_decay.
constexpr bool decays() {
  float const g = 0;
  float m = 0, v = 0, w = 8;
  adam_step(scalar_tag{}, 1, adam_settings<float>{0.5f, 0.5f, 0.5f, 0.25f, 0.5f}, 1, &g, &m, &v, &w);
  return w == 6;
}
static_assert(decays());

// Coupled decay is a part of the gradient: the first step is as long whatever it is.
constexpr bool couples() {
  double const g = 0;
  double m = 0, v = 0, w = 8;
  adam_step(scalar_tag{}, 1, adam_settings<double>{0.5, 0.5, 0.5, 0, 0.25, true}, 1, &g, &m, &v, &w);
  return m == 1 && v == 2 && w == 7.5;
}
static_assert(couples());

}  // namespace

TEST_CASE("adam_step, reference: by hand") {
  CHECK(first_step());
  CHECK(decays());
  CHECK(couples());
}

TEST_CASE("adam_step, reference: a constant gradient moves by the learning rate every step") {
  double const g = 3;
  double m = 0, v = 0, w = 0;
  for (index_t t = 1; t <= 1000; ++t) {
    adam_step(scalar_tag{}, 1, adam_settings<double>{.lr = 0.01}, t, &g, &m, &v, &w);
    REQUIRE(std::fabs(w + 0.01 * static_cast<double>(t)) < 1e-6);
  }
}
