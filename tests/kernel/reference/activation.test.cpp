#include "petra/kernel/reference/activation.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace {

using namespace petra::kernel;
using doctest::Approx;
constexpr double infinity = std::numeric_limits<double>::infinity();

// Slopes against differences of values.
template <class F>
void rises() {
  for (double x = -6; x < 6; x += 0.173) {
    double const h = 1e-5, difference = (F::of(x + h) - F::of(x - h)) / (2 * h);
    CHECK(F::slope(F::of_result ? F::of(x) : x) == Approx(difference).epsilon(1e-7));
  }
}

TEST_CASE("activation: values by hand") {
  CHECK(activations::sigmoid::of(0.0) == 0.5);
  CHECK(activations::sigmoid::of(std::log(3.0)) == Approx(0.75));
  CHECK(activations::sigmoid::of(-std::log(3.0)) == Approx(0.25));
  CHECK(activations::tanh::of(std::log(2.0)) == Approx(0.6));
  CHECK(activations::gelu::of(1.0) == Approx(0.8413447460685429));
  CHECK(activations::gelu_tanh::of(1.0) == Approx(0.8411919906082768));
  CHECK(activations::silu::of(std::log(3.0)) == Approx(0.75 * std::log(3.0)));
}

TEST_CASE("activation: slopes are those of the values") {
  rises<activations::sigmoid>();
  rises<activations::tanh>();
  rises<activations::gelu>();
  rises<activations::gelu_tanh>();
  rises<activations::silu>();
  rises<activations::relu6>();
  rises<activations::hard_swish>();
}

// Kinks belong to one side or neither.
static_assert(activations::relu6::of(-1.0) == 0 && activations::relu6::of(5.0) == 5 &&
              activations::relu6::of(7.0) == 6);
static_assert(activations::relu6::slope(0.0) == 0 && activations::relu6::slope(5.0) == 1 &&
              activations::relu6::slope(6.0) == 0);
static_assert(activations::hard_swish::of(-4.0) == 0 && activations::hard_swish::of(0.0) == 0 &&
              activations::hard_swish::of(4.0) == 4);
static_assert(activations::hard_swish::slope(-3.0) == 0 && activations::hard_swish::slope(0.0) == 0.5 &&
              activations::hard_swish::slope(3.0) == 1);
static_assert(activations::leaky_relu{0.5f}.of(-4.0) == -2 && activations::leaky_relu{0.5f}.of(4.0) == 4);
static_assert(activations::leaky_relu{0.5f}.slope(0.0) == 0.5 && activations::leaky_relu{0.5f}.slope(1.0) == 1);

TEST_CASE("activation: limits") {
  auto const ends = []<class F>(F, double low, double high) {
    CHECK(F::of(-infinity) == low);
    CHECK(F::of(infinity) == high);
    CHECK(std::isnan(F::of(std::nan(""))));
    CHECK(F::slope(F::of_result ? F::of(-infinity) : -infinity) == 0);
    CHECK(F::slope(F::of_result ? F::of(infinity) : infinity) == (F::of_result ? 0 : 1));
    CHECK(std::isnan(F::slope(std::nan(""))));
  };
  ends(activations::sigmoid{}, 0, 1);
  ends(activations::tanh{}, -1, 1);
  ends(activations::gelu{}, 0, infinity);
  ends(activations::gelu_tanh{}, 0, infinity);
  ends(activations::silu{}, 0, infinity);
}

TEST_CASE("activate: assigns; activate_backward: accumulates") {
  double x[] = {-1, 0, 2}, dx[] = {10, 10, 10};
  double const dy[] = {1, 2, 3};
  activate_backward<activations::silu>(scalar_tag{}, 3, x, dy, dx);
  for (int i = 0; i < 3; ++i) CHECK(dx[i] == Approx(10 + dy[i] * activations::silu::slope(x[i])));
  activate<activations::tanh>(scalar_tag{}, 3, x, x);
  CHECK(x[0] == std::tanh(-1.0));
  CHECK(x[1] == 0);
  CHECK(x[2] == std::tanh(2.0));
}

}  // namespace
