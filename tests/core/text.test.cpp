#include "petra/core/text.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <type_traits>

using petra::append;
using petra::concat;

TEST_CASE("text: pieces follow each other; what was there stays") {
  std::string const s(100, 's');
  std::string out = "before ";
  append(out, {"a", s, std::string_view("bcd").substr(1), std::string_view{}, "", 7});
  CHECK(out == "before a" + s + "cd7");
  append(out, {});
  CHECK(out.size() == 111);
  CHECK(concat({}).empty());
  CHECK(concat({std::string("t"), "\n"}) == "t\n");
}

TEST_CASE("text: numbers as std::to_string writes them") {
  CHECK(concat({std::numeric_limits<std::int64_t>::min(), " ", std::numeric_limits<std::uint64_t>::max()}) ==
        "-9223372036854775808 18446744073709551615");
  CHECK(concat({-1, " ", short{-2}, " ", static_cast<unsigned char>(3), " ", 4u}) == "-1 -2 3 4");
  CHECK(concat({1.5f, " ", -0.25}) == std::to_string(1.5f) + " " + std::to_string(-0.25));
  static_assert(!std::is_convertible_v<bool, petra::piece> && !std::is_convertible_v<char, petra::piece>);
}
