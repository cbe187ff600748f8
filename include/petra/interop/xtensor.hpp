// petra's views and tensors as xtensor expressions and back, without copying an element.
//
// Whoever asks for the other form keeps the owner alive; temporaries are rejected. Only row-major and column-major
// containers have a view: a strided xt::view must be evaluated first.
//
// Throws: shape_error when a container of run-time rank has another rank than the view asked for.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xfixed.hpp>
#include <xtensor/xtensor.hpp>

#include "petra/core/concepts.hpp"
#include "petra/core/error.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI::interop {

namespace detail {

template <class Layout>
inline constexpr xt::layout_type layout_of =
    std::is_same_v<Layout, row_major> ? xt::layout_type::row_major : xt::layout_type::column_major;

template <class Container>
using petra_layout = std::conditional_t<std::remove_const_t<Container>::static_layout == xt::layout_type::row_major,
                                        row_major, column_major>;

template <class Container>
using element = std::remove_pointer_t<decltype(std::declval<Container&>().data())>;

template <class Axes>
struct dyn_extents;
template <std::size_t... Axis>
struct dyn_extents<std::index_sequence<Axis...>> {
  using type = extents<(static_cast<void>(Axis), dyn)...>;
};

// The extents that a container's shape type promises: its rank, or every size when they are part of the type.
template <class Shape>
struct extents_of;
template <class N, std::size_t Rank>
struct extents_of<std::array<N, Rank>> : dyn_extents<std::make_index_sequence<Rank>> {};
template <std::size_t... E>
struct extents_of<xt::fixed_shape<E...>> {
  using type = extents<static_cast<index_t>(E)...>;
};

template <class Extents, class Shape>
Extents to_extents(Shape const& shape) {
  return [&]<std::size_t... A>(std::index_sequence<A...>) { return Extents(static_cast<index_t>(shape[A])...); }
  (std::make_index_sequence<static_cast<std::size_t>(Extents::rank)>{});
}

}  // namespace detail

// An xtensor container whose elements lie in one of the two orders petra knows.
template <class Container>
concept contiguous_xtensor = requires(Container& c) {
  c.data();
  c.shape();
  requires std::remove_const_t<Container>::static_layout == xt::layout_type::row_major ||
      std::remove_const_t<Container>::static_layout == xt::layout_type::column_major;
};

// What v sees, as an xt::xtensor_adaptor of the same rank and layout.
template <class T, class Extents, class Layout>
[[nodiscard]] auto as_xtensor(view<T, Extents, Layout> const& v) {
  std::array<std::size_t, static_cast<std::size_t>(Extents::rank)> shape;
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    shape[axis] = static_cast<std::size_t>(v.extent(static_cast<index_t>(axis)));
  return xt::adapt<detail::layout_of<Layout>>(v.data(), static_cast<std::size_t>(v.count()), xt::no_ownership(), shape);
}

// All elements of t, as an xt::xarray_adaptor of its run-time shape; of const elements when t is const.
template <class Tensor>
  requires instance_of<Tensor, tensor>
[[nodiscard]] auto as_xtensor(Tensor& t) {
  auto const& s = t.shape();
  return xt::adapt(t.data(), static_cast<std::size_t>(t.size()), xt::no_ownership(),
                   xt::dynamic_shape<std::size_t>(s.size.begin(), s.size.begin() + s.rank));
}
template <class T>
void as_xtensor(tensor<T> const&&) = delete;

// A view of a container whose type knows its rank: dynamic extents for xt::xtensor, static ones for xt::xtensor_fixed.
template <contiguous_xtensor Container>
  requires requires { typename detail::extents_of<typename Container::shape_type>::type; }
[[nodiscard]] auto as_view(Container& c) {
  using extents_type = typename detail::extents_of<typename Container::shape_type>::type;
  return view<detail::element<Container>, extents_type, detail::petra_layout<Container>>(
      c.data(), detail::to_extents<extents_type>(c.shape()));
}

// A view of Rank axes of a container of run-time rank: `as_view<2>(xt::xarray<float>)`.
template <index_t Rank, contiguous_xtensor Container>
[[nodiscard]] auto as_view(Container& c) {
  using extents_type = typename detail::dyn_extents<std::make_index_sequence<static_cast<std::size_t>(Rank)>>::type;
  if (c.dimension() != static_cast<std::size_t>(Rank))
    throw shape_error("as_view: expected " + std::to_string(Rank) + " axes, found " + std::to_string(c.dimension()));
  return view<detail::element<Container>, extents_type, detail::petra_layout<Container>>(
      c.data(), detail::to_extents<extents_type>(c.shape()));
}

template <class Container>
void as_view(Container const&&) = delete;
template <index_t Rank, class Container>
void as_view(Container const&&) = delete;

}  // namespace petra::interop
