#include "petra/linalg/svd.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "../thrown.hpp"
#include "noise.hpp"

using doctest::Approx;
using petra::index_t;
using petra::tensor;
using petra::linalg::svd;
using petra_test::noise;

namespace {

// Of rows (or of columns) of m as vectors: the largest difference of any scalar product from that of unit vectors.
double not_orthonormal(tensor<double> const& m, bool rows) {
  index_t const n = rows ? m.rows() : m.cols(), length = rows ? m.cols() : m.rows();
  auto at = [&](index_t v, index_t i) { return rows ? m(v, i) : m(i, v); };
  double worst = 0;
  for (index_t a = 0; a < n; ++a)
    for (index_t b = 0; b < n; ++b) {
      double sum = 0;
      for (index_t i = 0; i < length; ++i) sum += at(a, i) * at(b, i);
      worst = std::max(worst, std::abs(sum - (a == b)));
    }
  return worst;
}

}  // namespace

TEST_CASE("svd: spectra by hand") {
  // [[3, 0], [4, 5]]: a^T a has eigenvalues 45 and 5.
  tensor<float> const a({2, 2}, {3, 0, 4, 5});
  auto const d = svd(a.matrix());
  CHECK(d.s[0] == Approx(std::sqrt(45.)));
  CHECK(d.s[1] == Approx(std::sqrt(5.)));
  // A diagonal in the wrong order, a negative entry: descending and not negative.
  tensor<double> const b({3, 3}, {1, 0, 0, 0, -7, 0, 0, 0, 4});
  auto const e = svd(b.matrix());
  CHECK(e.s[0] == Approx(7));
  CHECK(e.s[1] == Approx(4));
  CHECK(e.s[2] == Approx(1));
  // Rank one: the outer product of (1, 2, 2) and (3, 4) has the product of their lengths, 15.
  tensor<float> const c({3, 2}, {3, 4, 6, 8, 6, 8});
  auto const f = svd(c.matrix());
  CHECK(f.s.size() == 2);
  CHECK(f.s[0] == Approx(15));
  CHECK(f.s[1] >= 0);
  CHECK(f.s[1] < 1e-6);
  // Nothing at all.
  auto const zero = svd(tensor<float>({2, 3}).matrix());
  CHECK(zero.s == tensor<double>({1, 2}));
  for (auto const* t : {&zero.u, &zero.v})
    for (double const x : *t) CHECK(std::isfinite(x));
}

TEST_CASE("svd: the factors multiply to the matrix and are orthonormal, tall and wide") {
  for (auto const& [rows, cols] : {std::pair<index_t, index_t>{12, 5}, {5, 12}, {7, 7}, {1, 6}, {6, 1}}) {
    CAPTURE(rows);
    CAPTURE(cols);
    tensor<float> const a = noise<float>(rows, cols);
    auto const d = svd(a.matrix());
    index_t const r = std::min(rows, cols);
    CHECK(d.u.shape() == petra::shape(rows, r));
    CHECK(d.s.shape() == petra::shape(1, r));
    CHECK(d.v.shape() == petra::shape(r, cols));
    for (index_t k = 1; k < r; ++k) CHECK(d.s[k - 1] >= d.s[k]);
    double worst = 0;
    for (index_t i = 0; i < rows; ++i)
      for (index_t j = 0; j < cols; ++j) {
        double sum = 0;
        for (index_t k = 0; k < r; ++k) sum += d.u(i, k) * d.s[k] * d.v(k, j);
        worst = std::max(worst, std::abs(sum - static_cast<double>(a(i, j))));
      }
    CHECK(worst < 1e-10);
    CHECK(not_orthonormal(d.u, false) < 1e-10);
    CHECK(not_orthonormal(d.v, true) < 1e-10);
  }
}

TEST_CASE("svd: nothing to decompose and numbers that are none are errors") {
  tensor<float> const none;
  CHECK(petra_test::thrown<petra::shape_error>([&] { svd(none.matrix()); }) ==
        "svd: expected a matrix with rows and columns, found 0 x 0");
  for (float const bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    tensor<float> a = noise<float>(3, 3);
    a[4] = bad;
    CHECK(petra_test::thrown<petra::shape_error>([&] { svd(a.matrix()); }) ==
          "svd: expected finite numbers, found NaN or infinity in the matrix");
  }
}
