#include "petra/nn/regularize.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "petra/core/random.hpp"

using doctest::Approx;
using petra::index_t;
using petra::weight_view;
using petra::nn::parameter_kind;
namespace regularize = petra::regularize;

namespace {

struct case_of {
  index_t rows, cols;
  parameter_kind kind;
};
constexpr case_of weight_cases[] = {{3, 5, parameter_kind::matrix},
                                    {7, 19, parameter_kind::matrix},
                                    {6, 2, parameter_kind::left_factor},
                                    {2, 40, parameter_kind::right_factor},
                                    {4, 1, parameter_kind::left_factor}};

// Largest difference between the gradient that is added, divided by the weight of the term, and central differences. What
// counts as the gradient of the loss is kept as it is.
template <class Term>
double error_of_gradient(Term const& term, case_of const& c) {
  petra::random r(3);
  std::vector<double> w(static_cast<std::size_t>(c.rows * c.cols)), loss(w.size());
  for (double& x : w) x = static_cast<double>(r.normal());
  for (double& x : loss) x = static_cast<double>(r.normal());
  constexpr double weight = 0.3, step = 1e-6;
  auto value = [&] {
    auto g = loss;
    return term.add(weight, weight_view<double>{c.rows, c.cols, w.data(), g.data(), c.kind});
  };
  auto g = loss;
  double const before = term.add(weight, weight_view<double>{c.rows, c.cols, w.data(), g.data(), c.kind});
  CHECK(before == value());
  double worst = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    double const at = w[i];
    w[i] = at + step;
    double const up = value();
    w[i] = at - step;
    double const down = value();
    w[i] = at;
    double const numeric = (up - down) / (2 * step), analytic = (g[i] - loss[i]) / weight;
    worst = std::max(worst, std::abs(analytic - numeric) / std::max(1.0, std::abs(numeric)));
  }
  return worst;
}

// Of the 2 x 2 matrix (3, 4; 0, -2), with the gradient of the loss before it.
template <class Term>
double value_of(Term const& term, parameter_kind kind = parameter_kind::matrix, std::vector<float> g = {0, 0, 0, 0}) {
  float const w[] = {3, 4, 0, -2};
  return term.add(1.f, weight_view<float>{2, 2, w, g.data(), kind});
}

}  // namespace

TEST_CASE_TEMPLATE("regularize: gradients against central differences", Term, regularize::l1, regularize::l2,
                   regularize::group_lasso, regularize::hoyer, regularize::orthogonality, regularize::norm_loss,
                   regularize::adaptive) {
  for (auto const& c : weight_cases) {
    CAPTURE(c.rows);
    CHECK(error_of_gradient(Term{}, c) < 1e-6);
  }
}

TEST_CASE("regularize: values by hand") {
  CHECK(value_of(regularize::l1{}) == 9);
  CHECK(value_of(regularize::l2{}) == 29);
  CHECK(value_of(regularize::group_lasso{}) == Approx(std::sqrt(2.) * (5 + 2)));
  CHECK(value_of(regularize::hoyer{}) == Approx(81. / 29));
  CHECK(value_of(regularize::norm_loss{}) == Approx(16 + 1));
  // e^{-|g|} of the gradients 0, 1, 5, -2.
  CHECK(value_of(regularize::adaptive{}, parameter_kind::matrix, {0, 1, 5, -2}) ==
        Approx(9 + 16 * std::exp(-1.) + 4 * std::exp(-2.)));
  // u^T u = (9, 12; 12, 20), v v^T = (25, -8; -8, 4).
  CHECK(value_of(regularize::orthogonality{}, parameter_kind::left_factor) == Approx(64 + 361 + 2 * 144));
  CHECK(value_of(regularize::orthogonality{}, parameter_kind::right_factor) == Approx(576 + 9 + 2 * 64));
  CHECK(value_of(regularize::orthogonality{}) == 0);
}

TEST_CASE("regularize: at zero nothing moves") {
  float const w[] = {0, 0, 0};
  float g[] = {1, 2, 3};
  weight_view<float> const v{1, 3, w, g};
  CHECK(regularize::l1{}.add(1.f, v) == 0);
  CHECK(regularize::group_lasso{}.add(1.f, v) == 0);
  CHECK(regularize::hoyer{}.add(1.f, v) == 0);
  CHECK(regularize::norm_loss{}.add(1.f, v) == 1);
  CHECK(g[0] == 1);
  CHECK(g[2] == 3);
}

TEST_CASE("regularize: hoyer does not depend on the scale, and counts what is there") {
  std::vector<float> equal(50, 0.25f), one(50, 0.f), g(50);
  one[7] = -3;
  auto value = [&](std::vector<float> const& w) {
    return regularize::hoyer{}.add(1.f, weight_view<float>{5, 10, w.data(), g.data()});
  };
  CHECK(value(equal) == Approx(50));
  CHECK(value(one) == Approx(1));
}
