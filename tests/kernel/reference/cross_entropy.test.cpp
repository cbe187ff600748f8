#include "petra/kernel/reference/cross_entropy.hpp"

#include <doctest/doctest.h>

using doctest::Approx;
using petra::kernel::scalar_tag;

TEST_CASE("cross_entropy: loss, probabilities and gradient by hand") {
  // Probabilities 1/7, 2/7, 4/7 and 1/2, 1/4, 1/4.
  double const x[] = {0, std::log(2.0), std::log(4.0), std::log(2.0), 0, 0};
  std::int32_t const label[] = {2, 0};
  double p[6], dx[6] = {};
  CHECK(petra::kernel::cross_entropy(scalar_tag{}, 2, 3, x, label, 0.0, p) ==
        Approx((std::log(7.0 / 4) + std::log(2.0)) / 2));
  CHECK(p[1] == Approx(2 / 7.0));
  petra::kernel::cross_entropy_backward(scalar_tag{}, 2, 3, p, label, 0.0, 0.5, dx);
  double const gradient[] = {1 / 14.0, 2 / 14.0, (4 / 7.0 - 1) / 2, (0.5 - 1) / 2, 0.125, 0.125};
  for (int i = 0; i < 6; ++i) CHECK(dx[i] == Approx(gradient[i]));
}

TEST_CASE("cross_entropy: smoothing mixes the target with the uniform one") {
  double const x[] = {1000, 1000 + std::log(3.0)};  // probabilities 1/4, 3/4
  std::int32_t const label[] = {0};
  double p[2], dx[2] = {};
  CHECK(petra::kernel::cross_entropy(scalar_tag{}, 1, 2, x, label, 0.2, p) ==
        Approx(0.9 * std::log(4.0) + 0.1 * std::log(4.0 / 3)));
  petra::kernel::cross_entropy_backward(scalar_tag{}, 1, 2, p, label, 0.2, 1.0, dx);
  CHECK(dx[0] == Approx(0.25 - 0.9));
  CHECK(dx[1] == Approx(0.75 - 0.1));
}
