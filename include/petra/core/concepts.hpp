// Concepts shared by several folders.
#pragma once
#include <concepts>
#include <cstddef>
#include <type_traits>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI {

// What a tensor holds during training.
template <class T>
concept scalar = std::same_as<T, float> || std::same_as<T, double>;

template <class T, template <class...> class Template>
inline constexpr bool is_instance_of = false;
template <template <class...> class Template, class... A>
inline constexpr bool is_instance_of<Template<A...>, Template> = true;

// A value. std::copyable also asks for swaps and common references: 3 ms of g++ for every layer and stage that is asserted.
template <class T>
concept copyable = requires(T& a, T const& b) {
  T(b);
  a = b;
};

// T is Template<...>: `instance_of<M, sequential>`.
template <class T, template <class...> class Template>
concept instance_of = is_instance_of<std::remove_cvref_t<T>, Template>;

}  // namespace petra
