#include "petra/kernel/reference/layer_norm.hpp"

#include <doctest/doctest.h>

using namespace petra::kernel;

TEST_CASE("layer_norm: rows by hand, in place") {
  // Deviations -1 and 1 (variance 1), -3 and 3 (variance 9, plus 7 makes 16).
  constexpr auto row = [](double epsilon, double a, double b) {
    double x[] = {a, b};
    double const gamma[] = {2, 3}, beta[] = {10, 20};
    layer_norm(scalar_tag{}, 1, 2, epsilon, x, gamma, beta, x);
    return x[0] * 1000 + x[1];
  };
  static_assert(row(0, 4, 6) == 8 * 1000 + 23);
  static_assert(row(7, -1, 5) == (10 - 1.5) * 1000 + (20 + 2.25));
  CHECK(row(0, 4, 6) == 8023);
  double x[] = {1, 3, 100, 300}, y[4];
  double const gamma[] = {1, 1}, beta[] = {0, 0};
  layer_norm(scalar_tag{}, 2, 2, 0.0, x, gamma, beta, y);
  CHECK(y[0] == -1);
  CHECK(y[3] == 1);  // each row by itself
}
