// Thin singular value decomposition, by the eigenvectors of the smaller Gram matrix. The price of that way: singular values
// below 1e-8 of the largest are not resolved, far below the 6e-8 of the floats that are decomposed.
#pragma once
#include <cmath>
#include <string>

#include "petra/core/error.hpp"
#include "petra/linalg/symmetric_eigen.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI::linalg {

// a (M,N) = u (M,R) . diag(s) (R) . v (R,N), R = min(M,N), s descending and not negative. A row of v (or column of u, where
// M > N) whose singular value is 0 is 0.
struct svd_result {
  tensor<double> u, s, v;
};

// Computed in double. Throws: shape_error for an empty matrix or one that is not finite.
template <class T>
svd_result svd(view<T, extents<dyn, dyn>> a) {
  index_t const m = a.extent(0), n = a.extent(1), r = std::min(m, n);
  if (r < 1) throw_error<shape_error>({"svd: expected a matrix with rows and columns, found ", m, " x ", n});
  for (index_t i = 0; i < m; ++i)
    for (index_t j = 0; j < n; ++j)
      if (!std::isfinite(a(i, j)))
        throw shape_error("svd: expected finite numbers, found NaN or infinity in the matrix");
  // Along the longer side: x(i, k) is element k of the i-th short vector.
  auto const x = [&](index_t i, index_t k) { return static_cast<double>(m <= n ? a(i, k) : a(k, i)); };
  index_t const length = std::max(m, n);
  tensor<double> gram({r, r});
  for (index_t i = 0; i < r; ++i)
    for (index_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (index_t k = 0; k < length; ++k) sum += x(i, k) * x(j, k);
      gram(i, j) = gram(j, i) = sum;
    }
  auto const eigen = symmetric_eigen(std::move(gram));
  svd_result out{tensor<double>({m, r}), tensor<double>({1, r}), tensor<double>({r, n})};
  for (index_t q = 0; q < r; ++q) {
    double const s = std::sqrt(std::max(0., eigen.values[q]));
    out.s[q] = s;
    for (index_t i = 0; i < r; ++i) (m <= n ? out.u(i, q) : out.v(q, i)) = eigen.vectors(q, i);
    for (index_t k = 0; k < length; ++k) {
      double sum = 0;
      for (index_t i = 0; i < r; ++i) sum += eigen.vectors(q, i) * x(i, k);
      (m <= n ? out.v(q, k) : out.u(k, q)) = s > 0 ? sum / s : 0;
    }
  }
  return out;
}

}  // namespace petra::linalg
