// Elements somebody else owns, with extents (static or dyn) and a layout; the meaning of std::mdspan in C++20.
#pragma once
#include <concepts>
#include <type_traits>

#include "petra/core/assert.hpp"
#include "petra/tensor/layout.hpp"

namespace petra::inline PETRA_ABI {

template <class T, class Extents, class Layout = row_major>
class view {
 public:
  using value_type = std::remove_const_t<T>;
  using extents_type = Extents;
  using layout_type = Layout;
  static constexpr index_t rank = Extents::rank;

  constexpr view(T* data, Extents e) : data_(data), map_{e} {}
  // A view of const elements from one of mutable elements. A template, so that it is no copy constructor.
  template <class U>
    requires(std::is_const_v<T>&& std::same_as<U, value_type>)
  constexpr view(view<U, Extents, Layout> const& v) : data_(v.data()), map_{v.extents()} {}

  [[nodiscard]] constexpr T* data() const { return data_; }
  [[nodiscard]] constexpr Extents const& extents() const { return map_.extents; }
  [[nodiscard]] constexpr index_t extent(index_t axis) const { return map_.extents[axis]; }
  [[nodiscard]] constexpr index_t count() const { return map_.extents.count(); }

  // Pre: every index lies inside its extent.
  template <class... I>
    requires(sizeof...(I) == static_cast<std::size_t>(rank))
  [[nodiscard]] constexpr T& operator()(I... i) const {
    index_t axis = 0;
    (expects(static_cast<index_t>(i) >= 0 && static_cast<index_t>(i) < extent(axis++),
             "view: index outside its extent"),
     ...);
    return data_[map_(i...)];
  }

 private:
  T* data_;
  typename Layout::template mapping<Extents> map_;
};

template <class T>
using matrix_view = view<T, extents<dyn, dyn>>;

}  // namespace petra
