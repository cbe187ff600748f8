#include "petra/core/flat_tuple.hpp"

#include <doctest/doctest.h>

#include <string>
#include <type_traits>
#include <vector>

using petra::flat_tuple;

TEST_CASE("flat_tuple: elements by position, of equal types too") {
  flat_tuple<int, std::string, int> t(1, "two", 3);
  CHECK(get<0>(t) == 1);
  CHECK(get<1>(t) == "two");
  CHECK(get<2>(t) == 3);
  get<2>(t) = 4;
  auto& [a, b, c] = t;
  CHECK(c == 4);
  b = "five";
  CHECK(get<1>(std::as_const(t)) == "five");
  CHECK(&a == &get<0>(t));
  static_assert(std::tuple_size_v<decltype(t)> == 3);
  static_assert(std::is_same_v<std::tuple_element_t<1, decltype(t)>, std::string>);
  static_assert(std::is_same_v<decltype(get<1>(std::as_const(t))), std::string const&>);
  static_assert(std::is_default_constructible_v<flat_tuple<>> && std::is_empty_v<flat_tuple<>>);
}

TEST_CASE("flat_tuple: copies, moves and starts as its elements do") {
  flat_tuple<std::vector<int>, int> t({1, 2, 3}, 4), copy = t, none;
  CHECK(get<0>(none).empty());
  int const* const data = get<0>(t).data();
  none = std::move(t);
  CHECK(get<0>(none).data() == data);
  CHECK(get<1>(none) == 4);
  CHECK(get<0>(copy) == std::vector{1, 2, 3});
  // An element that is a tuple itself is one element.
  flat_tuple<flat_tuple<int>> const nested(flat_tuple<int>(7));
  CHECK(get<0>(get<0>(nested)) == 7);
}
