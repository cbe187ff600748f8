#include "petra/kernel/reference/square_root.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using petra::kernel::square_root;

static_assert(square_root(0.f) == 0.f && square_root(1.f) == 1.f && square_root(2.25f) == 1.5f);
static_assert(square_root(1e-12) > 0.999999e-6 && square_root(1e-12) < 1.000001e-6);
static_assert(square_root(1e30) > 0.9999999e15 && square_root(1e30) < 1.0000001e15);

namespace {

constexpr double constants[] = {1e-20, 0.1, 0.5, 2.0, 3.0, 1e5, 123456789.0};
constexpr auto roots = [] {
  struct {
    double of[7];
  } r{};
  for (int i = 0; i < 7; ++i) r.of[i] = square_root(constants[i]);
  return r;
}();

}  // namespace

TEST_CASE("square_root: the compiler's and std::sqrt agree within an ulp") {
  for (int i = 0; i < 7; ++i) {
    double const exact = std::sqrt(constants[i]);
    CHECK(std::fabs(roots.of[i] - exact) <= exact * std::numeric_limits<double>::epsilon());
  }
  CHECK(square_root(7.f) == std::sqrt(7.f));
}
