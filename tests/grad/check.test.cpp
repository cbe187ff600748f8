#include "petra/grad/check.hpp"

#include <doctest/doctest.h>

#include "petra/grad/ops/add.hpp"
#include "petra/grad/ops/multiply.hpp"

using petra::gradient_error;
using petra::index_t;
using petra::node;
using petra::tape;
using petra::var;

namespace {

// y = x^2 whose gradient is off by the factor `wrong`.
struct square_op {
  double wrong;
  template <petra::scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    for (index_t i = 0; i < y.shape.count(); ++i) y.value[i] = t.value(y.in[0])[i] * t.value(y.in[0])[i];
  }
  template <petra::scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    for (index_t i = 0; i < y.shape.count(); ++i) g[i] += static_cast<T>(wrong) * 2 * t.value(y.in[0])[i] * y.grad[i];
  }
};

double error_of_square(double wrong) {
  return gradient_error([&](tape<double>& t) {
    double const x[] = {1.5, -2, 0.3, 4};
    return t.push(square_op{wrong}, {4}, {t.variable(petra::shape(4), x), var{}, var{}, var{}});
  });
}

}  // namespace

TEST_CASE("gradient_error: small for a right rule, large for a wrong one") {
  CHECK(error_of_square(1) < 1e-9);
  CHECK(error_of_square(1.001) > 1e-4);
  CHECK(error_of_square(-1) > 1);
}

TEST_CASE("gradient_error: every leaf counts, parameters too, and one that nothing reads has gradient 0") {
  petra::tensor<float> w(petra::shape(2), {0.5f, -3.f});
  auto build = [&](tape<double>& t) {
    double const x[] = {1, 2};
    var const a = t.variable(petra::shape(2), x);
    t.variable(petra::shape(2), x);
    return petra::ops::multiply(t, petra::ops::add(t, a, a), t.parameter(w));
  };
  CHECK(gradient_error(build) < 1e-9);
}

TEST_CASE("gradient_error: nothing to check is no success") {
  auto build = [](tape<double>& t) {
    static double const x = 1;  // read again by the op that contracts the result
    return t.constant(petra::shape(1), &x);
  };
  CHECK(gradient_error(build) > 1);
}
