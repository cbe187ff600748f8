#include "petra/kernel/reference/batch_norm.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <vector>

#include "petra/core/random.hpp"

using petra::index_t;
using petra::kernel::scalar_tag;
using petra::kernel::workspace;

namespace {

// Columns (1 3) and (5 5): means 2 and 5, variances 1 and 0; eps 3 gives 1/sqrt(4) and 1/sqrt(3).
constexpr bool by_hand() {
  std::array<double, 4> const x{1, 5, 3, 5};
  std::array<double, 2> const gamma{10, 1}, beta{100, 7};
  std::array<double, 2> mean{-1, -1}, inv_std{-1, -1};
  std::array<double, 4> y{};
  petra::kernel::batch_norm(scalar_tag{}, 2, 2, x.data(), gamma.data(), beta.data(), 3.0, mean.data(), inv_std.data(),
                            y.data());
  return mean == std::array<double, 2>{2, 5} && inv_std[0] == 0.5 && inv_std[1] * inv_std[1] * 3 < 1.000001 &&
         y == std::array<double, 4>{95, 7, 105, 7};
}
static_assert(by_hand());

constexpr bool scaled() {
  std::array<float, 4> x{1, 2, 3, 4};
  std::array<float, 2> const scale{2, 10}, shift{1, -1};
  petra::kernel::scale_shift(scalar_tag{}, 2, 2, x.data(), scale.data(), shift.data(), x.data());
  return x == std::array<float, 4>{3, 19, 7, 39};
}
static_assert(scaled());

// Loss sum(weight * batch_norm(x)), whose gradient `batch_norm_backward` gives with dy = weight.
double loss(index_t rows, index_t cols, std::vector<double> const& x, std::vector<double> const& gamma,
            std::vector<double> const& beta, std::vector<double> const& weight) {
  std::vector<double> mean(gamma.size()), inv_std(gamma.size()), y(x.size());
  petra::kernel::batch_norm(scalar_tag{}, rows, cols, x.data(), gamma.data(), beta.data(), 1e-3, mean.data(),
                            inv_std.data(), y.data());
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * weight[i];
  return sum;
}

}  // namespace

TEST_CASE("batch_norm, reference: by hand") {
  CHECK(by_hand());
  CHECK(scaled());
}

TEST_CASE("batch_norm_backward, reference: against central differences, accumulating") {
  index_t const rows = 7, cols = 3;
  petra::random r(5);
  auto const draw = [&](index_t n) {
    std::vector<double> v(static_cast<std::size_t>(n));
    for (double& e : v) e = static_cast<double>(r.normal());
    return v;
  };
  auto x = draw(rows * cols), gamma = draw(cols), beta = draw(cols), weight = draw(rows * cols);
  std::vector<double> mean(3), inv_std(3), y(x.size()), dx(x.size(), 1), dgamma(3, 1), dbeta(3, 1);
  workspace ws;
  petra::kernel::batch_norm(scalar_tag{}, rows, cols, x.data(), gamma.data(), beta.data(), 1e-3, mean.data(),
                            inv_std.data(), y.data());
  petra::kernel::batch_norm_backward(scalar_tag{}, rows, cols, x.data(), gamma.data(), mean.data(), inv_std.data(),
                                     weight.data(), dx.data(), dgamma.data(), dbeta.data(), ws);
  auto const check = [&](std::vector<double>& at, std::vector<double> const& gradient) {
    for (std::size_t i = 0; i < at.size(); ++i) {
      double const kept = at[i], h = 1e-5;
      at[i] = kept + h;
      double const up = loss(rows, cols, x, gamma, beta, weight);
      at[i] = kept - h;
      double const down = loss(rows, cols, x, gamma, beta, weight);
      at[i] = kept;
      CHECK(std::fabs((up - down) / (2 * h) - (gradient[i] - 1)) < 1e-7);
    }
  };
  check(x, dx);
  check(gamma, dgamma);
  check(beta, dbeta);
}
