#include "petra/core/match.hpp"

#include <doctest/doctest.h>

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

using petra::match;

namespace {

using number = std::variant<int, long, double>;

}

TEST_CASE("match: every alternative reaches the function") {
  auto const twice = [](auto x) { return static_cast<double>(x) * 2; };
  CHECK(match(number(1), twice) == 2);
  CHECK(match(number(2L), twice) == 4);
  CHECK(match(number(1.5), twice) == 3);
  CHECK(match(std::variant<int>(3), twice) == 6);
}

TEST_CASE("match: a function without a result changes what is held") {
  number n = 2L;
  match(n, [](auto& x) { x += 1; });
  CHECK(n == number(3L));
}

TEST_CASE("match: alternatives are lvalues, const if the variant is; references come through") {
  std::variant<std::string> v("a");
  auto const itself = [](auto& x) -> auto& { return x; };
  static_assert(std::is_same_v<decltype(match(v, itself)), std::string&>);
  static_assert(std::is_same_v<decltype(match(std::as_const(v), itself)), std::string const&>);
  match(v, itself) = "b";
  CHECK(match(v, [](auto const& x) { return x; }) == "b");
}

TEST_CASE("match: equal types are told apart by their place, and constants work") {
  constexpr std::variant<int, int> v(std::in_place_index<1>, 7);
  static_assert(match(v, [](int x) { return x; }) == 7);
  CHECK(v.index() == 1);
}
