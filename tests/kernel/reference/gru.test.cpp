#include "petra/kernel/reference/gru.hpp"

#include <doctest/doctest.h>

using doctest::Approx;
using namespace petra::kernel;

// One unit, one input: every gate worked out.
TEST_CASE("gru: two steps by hand") {
  double const x[] = {0.5, -1}, h[] = {0.25}, w[] = {1, 2, 3}, u[] = {-1, 0.5, 2}, b[] = {0.1, 0.2, 0.3},
               s[] = {-0.1, 0, 0.4};
  double y[2];
  gru(scalar_tag{}, {2, 1, 1}, x, h, w, u, b, s, y);
  double state = 0.25;
  for (int t = 0; t < 2; ++t) {
    auto const logistic = [](double a) { return 1 / (1 + std::exp(-a)); };
    double const r = logistic(1 * x[t] + 0.1 - 1 * state - 0.1), z = logistic(2 * x[t] + 0.2 + 0.5 * state);
    double const fresh = std::tanh(3 * x[t] + 0.3 + r * (2 * state + 0.4));
    state = (1 - z) * fresh + z * state;
    CHECK(y[t] == Approx(state));
  }
}

TEST_CASE("gru: an open update gate keeps the state, a closed one takes the fresh value") {
  double const x[] = {0}, h[] = {0.7}, w[] = {0, 0, 0}, u[] = {0, 0, 0}, s[] = {0, 0, 0};
  double y[1];
  double const keep[] = {0, 50, 1}, take[] = {0, -50, 1};
  gru(scalar_tag{}, {1, 1, 1}, x, h, w, u, keep, s, y);
  CHECK(y[0] == Approx(0.7));
  gru(scalar_tag{}, {1, 1, 1}, x, h, w, u, take, s, y);
  CHECK(y[0] == Approx(std::tanh(1.)));
}
