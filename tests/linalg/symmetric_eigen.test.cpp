#include "petra/linalg/symmetric_eigen.hpp"

#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>

#include "noise.hpp"

using doctest::Approx;
using petra::index_t;
using petra::tensor;
using petra::linalg::symmetric_eigen;

namespace {

// x^T x of noise x (rows, n): semidefinite, of rank min(rows, n).
tensor<double> gram_of_noise(index_t rows, index_t n) {
  tensor<double> const x = petra_test::noise<double>(rows, n);
  tensor<double> g({n, n});
  for (index_t i = 0; i < n; ++i)
    for (index_t j = 0; j < n; ++j)
      for (index_t k = 0; k < rows; ++k) g(i, j) += x(k, i) * x(k, j);
  return g;
}

}  // namespace

TEST_CASE("symmetric_eigen: by hand") {
  auto const e = symmetric_eigen(tensor<double>({2, 2}, {2, 1, 1, 2}));
  CHECK(e.values[0] == Approx(3));
  CHECK(e.values[1] == Approx(1));
  CHECK(std::abs(e.vectors(0, 0)) == Approx(std::sqrt(0.5)));
  CHECK(e.vectors(0, 0) == Approx(e.vectors(0, 1)));
  CHECK(e.vectors(1, 0) == Approx(-e.vectors(1, 1)));
  // Already diagonal, with a negative value and two that are equal.
  auto const d = symmetric_eigen(tensor<double>({3, 3}, {-1, 0, 0, 0, 5, 0, 0, 0, 5}));
  CHECK(d.values == tensor<double>({1, 3}, {5, 5, -1}));
  CHECK(d.vectors == tensor<double>({3, 3}, {0, 1, 0, 0, 0, 1, 1, 0, 0}));
  CHECK(symmetric_eigen(tensor<double>({1, 1}, {-4})).values[0] == -4);
  CHECK(symmetric_eigen(tensor<double>({2, 2})).values == tensor<double>({1, 2}));
}

TEST_CASE("symmetric_eigen: the eigenvalues are Eigen's, and the vectors belong to them") {
  using matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  for (auto const& [rows, n] : {std::pair<index_t, index_t>{40, 24}, {9, 24}, {100, 64}, {3, 3}}) {
    CAPTURE(rows);
    CAPTURE(n);
    auto const g = gram_of_noise(rows, n);
    Eigen::Map<matrix const> const oracle(g.data(), n, n);
    Eigen::SelfAdjointEigenSolver<matrix> const solver(oracle);
    auto const e = symmetric_eigen(g);
    Eigen::Map<matrix const> const vectors(e.vectors.data(), n, n);
    double const largest = solver.eigenvalues()[n - 1];
    for (index_t q = 0; q < n; ++q) {
      CHECK(std::abs(e.values[q] - solver.eigenvalues()[n - 1 - q]) < 1e-13 * largest);
      CHECK((oracle * vectors.row(q).transpose() - e.values[q] * vectors.row(q).transpose()).norm() < 1e-12 * largest);
    }
    CHECK((vectors * vectors.transpose() - matrix::Identity(n, n)).norm() < 1e-12);
  }
}
