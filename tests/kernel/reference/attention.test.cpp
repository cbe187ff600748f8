#include "petra/kernel/reference/attention.hpp"

#include <doctest/doctest.h>

using doctest::Approx;
using namespace petra::kernel;

TEST_CASE("attention: two heads of width 1 by hand; rows of q, k and v lie apart") {
  // q, k, v side by side, as one projection yields them.
  double const x[] = {1, 0, /**/ 1, 2, /**/ 10, 20,  //
                      0, 1, /**/ 3, 4, /**/ 30, 40};
  double y[4];
  attention(scalar_tag{}, {2, 2, 2, 1, 6, 6}, x, x + 2, x + 4, y);
  auto const mixed = [](double s0, double s1, double v0, double v1) {
    return (std::exp(s0) * v0 + std::exp(s1) * v1) / (std::exp(s0) + std::exp(s1));
  };
  CHECK(y[0] == Approx(mixed(1, 3, 10, 30)));
  CHECK(y[1] == Approx(mixed(0, 0, 20, 40)));
  CHECK(y[2] == Approx(mixed(0, 0, 10, 30)));
  CHECK(y[3] == Approx(mixed(2, 4, 20, 40)));
}

TEST_CASE("attention: scores are divided by the root of the width") {
  double const q[] = {1, 1, 1, 1}, k[] = {1, 1, 1, 1, 0, 0, 0, 0}, v[] = {1, 0, 0, 0, 0, 1, 0, 0};
  double y[4];
  attention(scalar_tag{}, {1, 2, 1, 4, 4, 4}, q, k, v, y);
  CHECK(y[0] == Approx(std::exp(2.) / (std::exp(2.) + 1)));
  CHECK(y[1] == Approx(1 / (std::exp(2.) + 1)));
}

TEST_CASE("attention: causal steps see themselves and those before them") {
  double const q[] = {0, 0, 0}, k[] = {1, 2, 3}, v[] = {3, 6, 30};
  double y[3];
  attention(scalar_tag{}, {3, 3, 1, 1, 1, 1, true}, q, k, v, y);
  CHECK(y[0] == Approx(3));
  CHECK(y[1] == Approx(4.5));
  CHECK(y[2] == Approx(13));
}
