// Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations: 40 lines instead of a library that every
// translation unit would parse (with Eigen the umbrella took 5.3 s to compile, without it 4.0). Accurate to the last
// digits; O(n^3) for each of a few sweeps. tests/linalg compares it with Eigen.
//
// Source: Golub, Van Loan, "Matrix Computations", 4th ed., section 8.5 (cyclic by rows).
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "petra/core/assert.hpp"
#include "petra/core/order.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI::linalg {

// a (N,N) = sum over q of values[q] * vectors(q, .)^T vectors(q, .); values (1,N) descend, the rows of vectors (N,N) are
// orthonormal.
struct symmetric_eigen_result {
  tensor<double> values, vectors;
};

// Pre: a is square, symmetric and finite.
template <class = void>
symmetric_eigen_result symmetric_eigen(tensor<double> a) {
  index_t const n = a.rows();
  expects(n == a.cols(), "symmetric_eigen: a square matrix");
  tensor<double> v({n, n});
  for (index_t i = 0; i < n; ++i) v(i, i) = 1;
  double total = 0;
  for (double const x : a) total += x * x;

  auto rotate = [n](double* x, double* y, double c, double s) {
    for (index_t k = 0; k < n; ++k) {
      double const xk = x[k], yk = y[k];
      x[k] = c * xk - s * yk;
      y[k] = s * xk + c * yk;
    }
  };
  // What lies beside the diagonal shrinks quadratically; 60 sweeps are never reached.
  for (int sweep = 0; sweep < 60; ++sweep) {
    double beside = 0;
    for (index_t p = 0; p < n; ++p)
      for (index_t q = 0; q < p; ++q) beside += a(p, q) * a(p, q);
    if (beside <= 1e-30 * total) break;
    for (index_t p = 0; p < n; ++p)
      for (index_t q = p + 1; q < n; ++q) {
        if (a(p, q) * a(p, q) <= 1e-36 * total) continue;
        double const tau = (a(q, q) - a(p, p)) / (2 * a(p, q));
        double const t = std::copysign(1 / (std::abs(tau) + std::hypot(1, tau)), tau);
        double const c = 1 / std::hypot(1, t), s = t * c;
        double const pp = a(p, p) - t * a(p, q), qq = a(q, q) + t * a(p, q);
        rotate(&a(p, 0), &a(q, 0), c, s);
        rotate(&v(p, 0), &v(q, 0), c, s);
        a(p, p) = pp;
        a(q, q) = qq;
        a(p, q) = a(q, p) = 0;
        for (index_t k = 0; k < n; ++k)
          if (k != p && k != q) a(k, p) = a(p, k), a(k, q) = a(q, k);
      }
  }

  auto const order = ascending(static_cast<std::size_t>(n), [&](index_t i, index_t j) { return a(i, i) > a(j, j); });
  symmetric_eigen_result out{tensor<double>({1, n}), tensor<double>({n, n})};
  for (index_t q = 0; q < n; ++q) {
    index_t const from = order[static_cast<std::size_t>(q)];
    out.values[q] = a(from, from);
    std::copy_n(&v(from, 0), n, &out.vectors(q, 0));
  }
  return out;
}

}  // namespace petra::linalg
