// A list of types and the few questions petra asks of it.
#pragma once
#include <concepts>
#include <cstddef>
#include <type_traits>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI {

template <class... T>
struct type_list {
  static constexpr std::size_t size = sizeof...(T);
  template <class U>
  static constexpr bool contains = (std::same_as<T, U> || ...);
  // Where U stands first; size when it does not.
  template <class U>
  static constexpr std::size_t index_of = [] {
    std::size_t at = 0;
    static_cast<void>(((std::same_as<T, U> || (++at, false)) || ...));
    return at;
  }();
  // Calls f(std::type_identity<T>{}) for every type, in order.
  template <class F>
  static constexpr void for_each(F&& f) {
    (f(std::type_identity<T>{}), ...);
  }
};

// List with U at its end unless it is there already.
template <class L, class U>
struct insert;
template <class... T, class U>
struct insert<type_list<T...>, U>
    : std::conditional<type_list<T...>::template contains<U>, type_list<T...>, type_list<T..., U>> {};
template <class L, class U>
using insert_t = typename insert<L, U>::type;

// Template<T...> from type_list<T...>.
template <template <class...> class To, class L>
struct rename;
template <template <class...> class To, class... T>
struct rename<To, type_list<T...>> {
  using type = To<T...>;
};
template <template <class...> class To, class L>
using rename_t = typename rename<To, L>::type;

}  // namespace petra
