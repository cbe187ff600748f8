// petra's matrices as Eigen expressions and back, without copying an element.
//
// Whoever asks for the other form keeps the owner alive; temporaries are rejected. An expression must be evaluated first.
#pragma once
#include <Eigen/Core>
#include <type_traits>
#include <utility>

#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI::interop {

// The elements of x (M,N) as an Eigen::Map of the same order. An element that is const stays so.
template <class T, index_t M, index_t N, class Layout>
[[nodiscard]] auto as_eigen(view<T, extents<M, N>, Layout> x) noexcept {
  constexpr auto extent = [](index_t e) { return e == dyn ? Eigen::Dynamic : static_cast<int>(e); };
  // A row vector must be row-major in Eigen, a column vector column-major; either is the same memory.
  constexpr bool rows = M == 1 || (N != 1 && std::is_same_v<Layout, row_major>);
  using matrix = Eigen::Matrix<std::remove_const_t<T>, extent(M), extent(N), rows ? Eigen::RowMajor : Eigen::ColMajor>;
  return Eigen::Map<std::conditional_t<std::is_const_v<T>, matrix const, matrix>>(x.data(), x.extent(0), x.extent(1));
}
// A tensor as (rows, columns), see tensor/tensor.hpp.
template <class T>
[[nodiscard]] auto as_eigen(tensor<T>& x) noexcept {
  return as_eigen(x.matrix());
}
template <class T>
[[nodiscard]] auto as_eigen(tensor<T> const& x) noexcept {
  return as_eigen(x.matrix());
}
template <class T>
void as_eigen(tensor<T>&&) = delete;

namespace detail {

template <class Element, class Container>
auto view_of_eigen(Container& x) noexcept {
  constexpr auto extent = [](int e) { return e == Eigen::Dynamic ? dyn : static_cast<index_t>(e); };
  using layout = std::conditional_t<Container::IsRowMajor, row_major, column_major>;
  using shape = extents<extent(Container::RowsAtCompileTime), extent(Container::ColsAtCompileTime)>;
  return view<Element, shape, layout>(x.data(), shape(x.rows(), x.cols()));
}

}  // namespace detail

// The elements of an Eigen matrix, vector or array as a view (M,N) of the same order; fixed sizes stay fixed.
template <class Derived>
[[nodiscard]] auto as_view(Eigen::PlainObjectBase<Derived>& x) noexcept {
  return detail::view_of_eigen<typename Derived::Scalar>(x);
}
template <class Derived>
[[nodiscard]] auto as_view(Eigen::PlainObjectBase<Derived> const& x) noexcept {
  return detail::view_of_eigen<typename Derived::Scalar const>(x);
}
template <class Derived>
void as_view(Eigen::PlainObjectBase<Derived>&&) = delete;
template <class Derived>
void as_view(Eigen::PlainObjectBase<Derived> const&&) = delete;

}  // namespace petra::interop
