#include "petra/kernel/reference/softmax.hpp"

#include <doctest/doctest.h>

using doctest::Approx;
using petra::kernel::scalar_tag;

TEST_CASE("softmax: rows by hand, in place, large values") {
  double x[] = {0, std::log(2.0), std::log(5.0), 1000, 1000, -1000};
  petra::kernel::softmax(scalar_tag{}, 2, 3, x, x);
  double const want[] = {0.125, 0.25, 0.625, 0.5, 0.5, 0};
  for (int i = 0; i < 6; ++i) CHECK(x[i] == Approx(want[i]));
}

TEST_CASE("softmax_backward: accumulates; by hand") {
  // y (1/4, 3/4), dy (1, 2): sum y dy = 7/4.
  double const y[] = {0.25, 0.75}, dy[] = {1, 2};
  double dx[] = {10, 20};
  petra::kernel::softmax_backward(scalar_tag{}, 1, 2, y, dy, dx);
  CHECK(dx[0] == Approx(10 - 0.1875));
  CHECK(dx[1] == Approx(20 + 0.1875));
  constexpr bool constant = [] {
    double const p[] = {0.5, 0.5}, d[] = {3, 3};
    double g[] = {0, 0};
    petra::kernel::softmax_backward(scalar_tag{}, 1, 2, p, d, g);
    return g[0] == 0 && g[1] == 0;
  }();
  static_assert(constant);  // a constant gradient moves nothing
}
