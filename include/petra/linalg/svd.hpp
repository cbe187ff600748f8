// Thin singular value decomposition; one of the few places where a well-kept library is better than our own code: Eigen.
// A template, so that a program that never factorizes does not compile Eigen's solver (1.3 s with g++ 12).
#pragma once
#include <Eigen/SVD>

#include <string>

#include "petra/core/error.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI::linalg {

// a (M,N) = u (M,R) . diag(s) (R) . v (R,N), R = min(M,N), s descending and not negative.
struct svd_result {
  tensor<double> u, s, v;
};

// Computed in double. Throws: shape_error for an empty matrix or one that is not finite.
template <class T>
svd_result svd(view<T, extents<dyn, dyn>> a) {
  using matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  index_t const m = a.extent(0), n = a.extent(1), r = std::min(m, n);
  if (r < 1) throw shape_error("svd: expected a matrix with rows and columns, found " + std::to_string(m) + " x " + std::to_string(n));
  matrix x(m, n);
  for (index_t i = 0; i < m; ++i)
    for (index_t j = 0; j < n; ++j) x(i, j) = static_cast<double>(a(i, j));
  if (!x.allFinite()) throw shape_error("svd: expected finite numbers, found NaN or infinity in the matrix");
  Eigen::JacobiSVD<matrix> const d(x, Eigen::ComputeThinU | Eigen::ComputeThinV);
  svd_result out{tensor<double>({m, r}), tensor<double>({1, r}), tensor<double>({r, n})};
  for (index_t k = 0; k < r; ++k) {
    out.s[k] = d.singularValues()[k];
    for (index_t i = 0; i < m; ++i) out.u(i, k) = d.matrixU()(i, k);
    for (index_t j = 0; j < n; ++j) out.v(k, j) = d.matrixV()(j, k);
  }
  return out;
}

}  // namespace petra::linalg
