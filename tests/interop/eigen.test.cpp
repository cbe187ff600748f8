#include "petra/interop/eigen.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>

namespace {

using petra::dyn;
using petra::extents;
using petra::tensor;
using petra::view;
using petra::interop::as_eigen;
using petra::interop::as_view;

template <class T>
concept has_eigen = requires(T&& t) {
  as_eigen(static_cast<T&&>(t));
};
static_assert(has_eigen<tensor<float>&> && has_eigen<tensor<float> const&> && !has_eigen<tensor<float>>);

template <class T>
concept has_view = requires(T&& t) {
  as_view(static_cast<T&&>(t));
};
static_assert(has_view<Eigen::MatrixXf&> && !has_view<Eigen::MatrixXf>);

}  // namespace

TEST_CASE("eigen: a view is the same elements, not a copy") {
  float data[6] = {0, 1, 2, 3, 4, 5};
  auto x = as_eigen(view<float, extents<2, dyn>>(data, {2, 3}));
  static_assert(decltype(x)::RowsAtCompileTime == 2 && decltype(x)::ColsAtCompileTime == Eigen::Dynamic);
  CHECK(x.data() == data);
  CHECK(x(1, 0) == 3);
  x(1, 2) = 7;
  CHECK(data[5] == 7);
  auto const transposed = as_eigen(view<float const, extents<3, 2>, petra::column_major>(data, {}));
  CHECK(transposed(2, 1) == 7);
  CHECK(transposed == x.transpose());
}

TEST_CASE("eigen: a tensor takes part in an expression") {
  tensor<double> const a({2, 2}, {1, 2, 3, 4});
  tensor<double> b({2, 1}, {1, -1});
  Eigen::VectorXd const product = as_eigen(a) * as_eigen(b);
  CHECK(product == Eigen::Vector2d(-1, -1));
  as_eigen(b) = product;
  CHECK(b == tensor<double>({2, 1}, {-1, -1}));
}

TEST_CASE("eigen: matrices of either order as views") {
  Eigen::Matrix<float, 2, 3, Eigen::RowMajor> rows;
  rows << 1, 2, 3, 4, 5, 6;
  auto const r = as_view(rows);
  static_assert(std::is_same_v<decltype(r), view<float, extents<2, 3>> const>);
  CHECK(r(1, 0) == 4);
  Eigen::MatrixXf const columns = rows;
  auto const c = as_view(columns);
  static_assert(std::is_same_v<decltype(c)::extents_type, extents<dyn, dyn>>);
  CHECK(c(1, 0) == 4);
  CHECK(c.data() == columns.data());
  Eigen::Vector3d v(1, 2, 3);
  as_view(v)(2, 0) = 9;
  CHECK(v[2] == 9);
}
