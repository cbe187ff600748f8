// runtime/activation_f32.hpp: loops over arrays of every length; the functions themselves are tested in tests/core.
#include "petra/runtime/activation_f32.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"

namespace {

using namespace petra;

template <class Activation, class Exact>
void check(Exact exact) {
  petra::random r(key(2));
  index_t const n = rt::f32_lanes;
  for (index_t const size : {index_t{1}, index_t{3}, index_t{7}, n - 1, n, n + 1, 4 * n / 3, 8 * n + 2})
    for (index_t const shift : {0, 1, 3}) {
      guarded::array<float> x(size + shift), y(size + shift);
      for (index_t i = 0; i < x.size(); ++i) x[i] = r.uniform(-3.f, 3.f);
      rt::activate_f32<Activation>(size, x.data() + shift, y.data() + shift);
      for (index_t i = 0; i < shift; ++i) REQUIRE(y[i] == 0.f);
      for (index_t i = shift; i < y.size(); ++i)
        REQUIRE(static_cast<double>(y[i]) == doctest::Approx(exact(static_cast<double>(x[i]))).epsilon(4e-6));
      rt::activate_f32<Activation>(size, x.data() + shift, x.data() + shift);  // in place
      for (index_t i = shift; i < y.size(); ++i) REQUIRE(x[i] == y[i]);
    }
}

TEST_CASE("activate_f32: all functions, lengths, places") {
  auto const logistic = [](double x) { return 1 / (1 + std::exp(-x)); };
  check<rt::activation::exp>([](double x) { return std::exp(x); });
  check<rt::activation::sigmoid>(logistic);
  check<rt::activation::tanh>([](double x) { return std::tanh(x); });
  check<rt::activation::silu>([=](double x) { return x * logistic(x); });
  check<rt::activation::gelu>([](double x) { return x * 0.5 * std::erfc(-x * 0.70710678118654752440); });
  check<rt::activation::gelu_tanh>(
      [=](double x) { return x * logistic(1.5957691216057308 * (x + 0.044715 * x * x * x)); });
}

}  // namespace
