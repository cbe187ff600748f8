// What a variant holds, handed to a function: `match(v, [](auto const& x) { return x.size(); })`.
//
// std::visit with a chain of comparisons in place of its table of function pointers, which takes longer to compile and
// keeps the alternatives from being inlined.
#pragma once
#include <cstddef>
#include <type_traits>
#include <variant>

#include "petra/core/assert.hpp"

namespace petra::inline PETRA_ABI {

// f(alternative), which has one type for all alternatives; they are passed as lvalues, const if v is.
// Pre: v holds a value.
template <std::size_t I = 0, class V, class F>
constexpr decltype(auto) match(V&& v, F&& f) {
  if constexpr (I + 1 < std::variant_size_v<std::remove_cvref_t<V>>)
    if (v.index() != I) return match<I + 1>(v, f);
  auto* const held = std::get_if<I>(&v);
  expects(held, "match: the variant must hold a value");
  return f(*held);
}

}  // namespace petra
