// How the index of a view becomes an offset.
#pragma once
#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI {

// Last axis contiguous (C order).
struct row_major {
  template <class Extents>
  struct mapping {
    Extents extents;
    template <class... I>
    constexpr index_t operator()(I... i) const {
      index_t offset = 0, axis = 0;
      ((offset = offset * extents[axis++] + static_cast<index_t>(i)), ...);
      return offset;
    }
  };
};

// First axis contiguous (Fortran order): a transposed matrix without moving it.
struct column_major {
  template <class Extents>
  struct mapping {
    Extents extents;
    template <class... I>
    constexpr index_t operator()(I... i) const {
      index_t const at[] = {static_cast<index_t>(i)...};
      index_t offset = 0;
      for (index_t axis = Extents::rank; axis-- > 0;) offset = offset * extents[axis] + at[axis];
      return offset;
    }
  };
};

}  // namespace petra
