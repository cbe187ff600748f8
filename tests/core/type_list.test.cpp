#include "petra/core/type_list.hpp"

#include <doctest/doctest.h>

#include <string>
#include <tuple>

namespace {

using petra::insert_t;
using petra::rename_t;
using petra::type_list;

static_assert(type_list<>::size == 0 && type_list<int, int>::size == 2);
static_assert(type_list<int, char>::contains<char> && !type_list<int, char>::contains<long> &&
              !type_list<>::contains<int>);
static_assert(!type_list<int>::contains<int const>);
static_assert(type_list<int, char, char>::index_of<char> == 1 && type_list<int>::index_of<int> == 0 &&
              type_list<int>::index_of<char> == 1 && type_list<>::index_of<int> == 0);

static_assert(std::same_as<insert_t<type_list<>, int>, type_list<int>>);
static_assert(std::same_as<insert_t<type_list<int>, char>, type_list<int, char>>);
static_assert(std::same_as<insert_t<type_list<int, char>, int>, type_list<int, char>>);

static_assert(std::same_as<rename_t<std::tuple, type_list<int, char>>, std::tuple<int, char>>);
static_assert(std::same_as<rename_t<type_list, type_list<>>, type_list<>>);

}  // namespace

TEST_CASE("type_list: for_each visits every type in order, repeated ones too") {
  std::string sizes;
  type_list<char, double, char>::for_each(
      [&](auto id) { sizes += std::to_string(sizeof(typename decltype(id)::type)); });
  CHECK(sizes == "181");
  type_list<>::for_each([&](auto) { sizes = "called"; });
  CHECK(sizes == "181");
}
