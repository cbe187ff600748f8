#include "petra/core/plain_choice.hpp"

#include <doctest/doctest.h>

namespace {

struct point {
  long x = 1, y = 2;
};
struct name {
  char text[3];
};
using choice = petra::plain_choice<point, name, int>;

}  // namespace

TEST_CASE("plain_choice: holds what it was given, and knows which it is") {
  choice c = point{3, 4};
  CHECK(c.index() == 0);
  REQUIRE(c.get_if<point>() != nullptr);
  CHECK(c.get_if<point>()->y == 4);
  CHECK(c.get_if<int>() == nullptr);
  c = 7;
  CHECK(c.index() == 2);
  CHECK(*c.get_if<int>() == 7);
  CHECK(c.get_if<point>() == nullptr);
  choice const copy = c;
  c = name{{'a', 'b', 'c'}};
  CHECK(*copy.get_if<int>() == 7);
  CHECK(c.get_if<name>()->text[2] == 'c');
}

TEST_CASE("plain_choice: a default one holds zeros of the first type") {
  choice const c;
  CHECK(c.index() == 0);
  CHECK(c.get_if<point>()->x == 0);
}

TEST_CASE("plain_choice: match hands over the value as what it is") {
  auto const size = [](choice const& c) {
    return c.match([](auto const& v) { return sizeof(v); });
  };
  CHECK(size(point{}) == sizeof(point));
  CHECK(size(name{}) == 3);
  CHECK(size(5) == sizeof(int));
}

TEST_CASE("plain_choice: as small as its largest value and a number, aligned for all") {
  static_assert(sizeof(choice) == sizeof(point) + sizeof(std::size_t));
  static_assert(alignof(choice) >= alignof(point));
  static_assert(std::is_trivially_copyable_v<choice>);
}
