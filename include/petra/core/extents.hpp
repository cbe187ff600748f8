// Sizes: static when the type knows them, dynamic (`dyn`) when only the object does; as in std::mdspan.
#pragma once
#include <array>
#include <cstddef>

#include "petra/core/assert.hpp"
#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI {

using index_t = std::ptrdiff_t;

inline constexpr index_t dyn = -1;

// A list of extents, each static or dyn. Dynamic ones are stored.
template <index_t... E>
class extents {
  static_assert(((E == dyn || E >= 0) && ...), "petra: an extent is dyn or not negative");

 public:
  static constexpr index_t rank = sizeof...(E);
  static constexpr bool is_static = ((E != dyn) && ...);

  constexpr extents() requires is_static = default;

  // All extents, in order. Pre: a static extent is given its own value.
  template <class... I>
    requires(sizeof...(I) == sizeof...(E) && sizeof...(E) > 0)
  constexpr explicit(sizeof...(E) == 1) extents(I... n) : size_{static_cast<index_t>(n)...} {
    index_t i = 0;
    ((expects(E == dyn || E == size_[i], "extents: a static extent was given another value"), ++i), ...);
  }

  [[nodiscard]] constexpr index_t operator[](index_t i) const { return size_[i]; }

  [[nodiscard]] constexpr index_t count() const {
    index_t n = 1;
    for (index_t i = 0; i < rank; ++i) n *= size_[i];
    return n;
  }

  friend constexpr bool operator==(extents const& a, extents const& b) = default;

 private:
  index_t size_[sizeof...(E) > 0 ? sizeof...(E) : 1] = {E...};
};

template <class... I>
extents(I...) -> extents<(static_cast<void>(sizeof(I)), dyn)...>;

// Shape known only at run time, at most four axes (N, H, W, C): what a variable on the tape and a tensor carry.
struct shape {
  static constexpr index_t max_rank = 4;
  std::array<index_t, max_rank> size{};
  index_t rank = 0;

  constexpr shape() = default;
  template <class... I>
    requires(sizeof...(I) >= 1 && sizeof...(I) <= 4)
  constexpr shape(I... n) : size{static_cast<index_t>(n)...}, rank(sizeof...(I)) {}

  [[nodiscard]] constexpr index_t operator[](index_t i) const { return size[static_cast<std::size_t>(i)]; }
  [[nodiscard]] constexpr index_t back() const { return rank > 0 ? (*this)[rank - 1] : 1; }
  // Everything but the last axis: the number of positions in a channels-last tensor.
  [[nodiscard]] constexpr index_t rows() const { return back() > 0 ? count() / back() : 0; }
  [[nodiscard]] constexpr index_t count() const {
    index_t n = 1;
    for (index_t i = 0; i < rank; ++i) n *= (*this)[i];
    return n;
  }
  friend constexpr bool operator==(shape const&, shape const&) = default;
};

}  // namespace petra
