#include "petra/core/extents.hpp"

#include <doctest/doctest.h>

#include <concepts>
#include <type_traits>

namespace {

using petra::dyn;
using petra::extents;
using petra::index_t;
using petra::shape;

static_assert(std::same_as<index_t, std::ptrdiff_t>);

constexpr bool extents_hold() {
  extents<2, 3> const fixed;
  extents<2, dyn> const mixed(2, 5);
  extents const deduced(4, 6);
  extents<> const none;
  return fixed[0] == 2 && fixed[1] == 3 && fixed.count() == 6      //
         && mixed[0] == 2 && mixed[1] == 5 && mixed.count() == 10  //
         && deduced[0] == 4 && deduced[1] == 6                     //
         && none.count() == 1 && none.rank == 0                    //
         && fixed == extents<2, 3>(2, 3) && mixed != extents<2, dyn>(2, 6);
}
static_assert(extents_hold());

constexpr bool shape_holds() {
  shape const nhwc(2, 4, 5, 3);
  shape const empty;
  return nhwc.rank == 4 && nhwc.count() == 120 && nhwc.back() == 3 && nhwc.rows() == 40 && nhwc[1] == 4  //
         && empty.rank == 0 && empty.back() == 1 && empty.count() == 1                                   //
         && shape(7).rows() == 1 && shape(5, 0).rows() == 0                                              //
         && shape(2, 3) == shape(2, 3) && shape(2, 3) != shape(3, 2) && shape(2) != shape(2, 0);
}
static_assert(shape_holds());

[[noreturn]] void throw_violation(char const* what, std::source_location) { throw what; }

}  // namespace

TEST_CASE("extents: static and dynamic sizes, at run time as in constant expressions") {
  CHECK(extents_hold());
  static_assert(extents<2, 3>::is_static && !extents<2, dyn>::is_static);
  static_assert(extents<2, dyn, 4>::rank == 3);
  static_assert(std::same_as<decltype(extents(1, 2L)), extents<dyn, dyn>>);
}

TEST_CASE("extents: an all-static list needs no values, a dynamic one cannot do without") {
  static_assert(std::is_default_constructible_v<extents<2, 3>>);
  static_assert(!std::is_default_constructible_v<extents<2, dyn>>);
  static_assert(!std::is_constructible_v<extents<2, dyn>, int>);  // as many values as axes
  static_assert(!std::is_convertible_v<int, extents<dyn>>);       // one axis: explicit
  CHECK(extents<dyn>(7)[0] == 7);
}

TEST_CASE("extents: giving a static extent another value is a violation") {
  auto const before = petra::on_violation;
  petra::on_violation = &throw_violation;
  CHECK_THROWS(static_cast<void>(extents<2, dyn>(3, 5)));
  CHECK_NOTHROW(static_cast<void>(extents<2, dyn>(2, 5)));
  petra::on_violation = before;
}

TEST_CASE("shape: a matrix of rows, channels last") { CHECK(shape_holds()); }
