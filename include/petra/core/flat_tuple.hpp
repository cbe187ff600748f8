// A tuple whose elements are bases side by side, for the layers of a model. std::tuple nests one base per element:
// in a search over ResNet-8 some 1500 functions, 7 % of the compiler's memory before it optimizes.
#pragma once
#include <cstddef>
#include <tuple>
#include <utility>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI {

template <std::size_t I, class T>
struct flat_element {
  T value;
};

namespace detail {

template <class Indices, class... T>
struct flat_elements;
template <std::size_t... I, class... T>
struct flat_elements<std::index_sequence<I...>, T...> : flat_element<I, T>... {
  constexpr flat_elements() = default;
  // Cold: models are copied between trainings, and every layer's tensors in line are long.
  [[gnu::cold]] constexpr flat_elements(flat_elements const&) = default;
  [[gnu::cold]] constexpr flat_elements(flat_elements&&) = default;
  [[gnu::cold]] constexpr flat_elements& operator=(flat_elements const&) = default;
  [[gnu::cold]] constexpr flat_elements& operator=(flat_elements&&) = default;
  [[gnu::cold]] constexpr ~flat_elements() = default;
  constexpr explicit flat_elements(T&&... t) requires(sizeof...(T) > 0) : flat_element<I, T>{std::move(t)}... {}
};
template <std::size_t I, class T>
T type_of(flat_element<I, T> const*);

}  // namespace detail

// get<0>(t), structured bindings of an lvalue, std::tuple_size and std::tuple_element.
template <class... T>
struct flat_tuple : detail::flat_elements<std::index_sequence_for<T...>, T...> {
  using detail::flat_elements<std::index_sequence_for<T...>, T...>::flat_elements;
};

template <std::size_t I, class T>
constexpr T& get(flat_element<I, T>& e) {
  return e.value;
}
template <std::size_t I, class T>
constexpr T const& get(flat_element<I, T> const& e) {
  return e.value;
}

}  // namespace petra

template <class... T>
struct std::tuple_size<petra::flat_tuple<T...>> : std::integral_constant<std::size_t, sizeof...(T)> {};
template <std::size_t I, class... T>
struct std::tuple_element<I, petra::flat_tuple<T...>> {
  using type = decltype(petra::detail::type_of<I>(static_cast<petra::flat_tuple<T...> const*>(nullptr)));
};
