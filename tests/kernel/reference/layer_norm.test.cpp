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

// Deviations -1 and 1, one standard deviation each: xhat = -1, 1.
TEST_CASE("layer_norm, layer_norm_backward: training by hand") {
  constexpr auto trained = [](bool add) {
    double const x[] = {4, 6}, gamma[] = {2, 3}, beta[] = {10, 20}, dy[] = {5, 1};
    double mean[1]{}, inv_std[1]{}, y[2]{}, dx[] = {100, 100}, dgamma[] = {1, 1}, dbeta[] = {0, 0};
    layer_norm(scalar_tag{}, 1, 2, 0., x, gamma, beta, mean, inv_std, y);
    layer_norm_backward(scalar_tag{}, 1, 2, x, gamma, mean, inv_std, dy, dx, add, dgamma, dbeta);
    // gamma dy = (10, 3): mean 6.5, mean with xhat -3.5; 10 - 6.5 - 3.5 = 0 and 3 - 6.5 + 3.5 = 0: two numbers have no slope
    return mean[0] == 5 && inv_std[0] == 1 && y[0] == 8 && y[1] == 23 && dx[0] == (add ? 100 : 0) &&
           dx[1] == (add ? 100 : 0) && dgamma[0] == 1 - 5 && dgamma[1] == 1 + 1 && dbeta[0] == 5 && dbeta[1] == 1;
  };
  static_assert(trained(false) && trained(true));
  CHECK(trained(true));
  // 1, 2, 3, 4 with variance 1.25: dx of the last by the formula.
  double const x[] = {1, 2, 3, 4}, gamma[] = {1, 1, 1, 1}, beta[] = {0, 0, 0, 0}, dy[] = {0, 0, 0, 1};
  double mean[1], inv_std[1], y[4], dx[4], dgamma[4] = {}, dbeta[4] = {};
  layer_norm(scalar_tag{}, 1, 4, 0., x, gamma, beta, mean, inv_std, y);
  layer_norm_backward(scalar_tag{}, 1, 4, x, gamma, mean, inv_std, dy, dx, false, dgamma, dbeta);
  CHECK(dx[3] == doctest::Approx(inv_std[0] * (1 - 0.25 - y[3] * y[3] / 4)));
  CHECK(dx[0] == doctest::Approx(inv_std[0] * (-0.25 - y[0] * y[3] / 4)));
}
