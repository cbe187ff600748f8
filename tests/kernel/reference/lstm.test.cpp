#include "petra/kernel/reference/lstm.hpp"

#include <doctest/doctest.h>

using doctest::Approx;
using namespace petra::kernel;

// One unit, one input; gates in the order input, forget, cell, output.
TEST_CASE("lstm: two steps by hand") {
  double const x[] = {0.5, -1}, h[] = {0.25}, w[] = {1, 2, 3, -1}, u[] = {-1, 0.5, 2, 1}, b[] = {0.1, 0.2, 0.3, 0.4};
  double c[] = {0.6}, y[2];
  lstm(scalar_tag{}, {2, 1, 1}, x, h, c, w, u, b, y);
  double state = 0.25, cell = 0.6;
  for (int t = 0; t < 2; ++t) {
    auto const logistic = [](double a) { return 1 / (1 + std::exp(-a)); };
    auto const sum = [&](int g) { return w[g] * x[t] + u[g] * state + b[g]; };
    cell = logistic(sum(1)) * cell + logistic(sum(0)) * std::tanh(sum(2));
    state = logistic(sum(3)) * std::tanh(cell);
    CHECK(y[t] == Approx(state));
  }
  CHECK(c[0] == Approx(cell));
}

TEST_CASE("lstm: an open forget gate with a closed input gate keeps the cell") {
  double const x[] = {0}, h[] = {0}, w[] = {0, 0, 0, 0}, u[] = {0, 0, 0, 0}, b[] = {-50, 50, 1, 50};
  double c[] = {0.6}, y[1];
  lstm(scalar_tag{}, {1, 1, 1}, x, h, c, w, u, b, y);
  CHECK(c[0] == Approx(0.6));
  CHECK(y[0] == Approx(std::tanh(0.6)));
}
