#include "petra/data/cell.hpp"

#include <doctest/doctest.h>

using namespace petra::data;

static_assert(trimmed(" \ta b\r ") == "a b" && trimmed(" \t").empty());
static_assert(same_word("@Data", "@dATA") && !same_word("data", "date") && !same_word("a", "ab"));
static_assert(is_missing("?") && is_missing("NaN") && is_missing("nan") && !is_missing("") && !is_missing("na"));

TEST_CASE("cell: numbers as other programs write them") {
  double v = 0;
  for (auto const& [text, expected] :
       {std::pair("1", 1.), std::pair(" -2.5 ", -2.5), std::pair("+3", 3.), std::pair(".5", 0.5), std::pair("5.", 5.),
        std::pair("1e-3", 1e-3), std::pair("1.0000000E+00", 1.), std::pair("-0", 0.), std::pair("1e-310", 1e-310)}) {
    CAPTURE(text);
    v = 99;
    CHECK(parse_number(text, v));
    CHECK(v == expected);
  }
}

TEST_CASE("cell: what is no finite float leaves the value alone") {
  for (char const* text : {"", " ", "x", "1x", "1 2", "1,5", "inf", "-Infinity", "nan", "?", "1e39", "-1e39", "1e999",
                           "0x10", "++1", "+-1", "+"}) {
    CAPTURE(text);
    double v = 7;
    CHECK_FALSE(parse_number(text, v));
    CHECK(v == 7);
  }
  double v = 0;
  CHECK(parse_number("3.4028234e38", v));
  CHECK_FALSE(parse_number(std::string_view("1\0", 2), v));
}

TEST_CASE("cell: whole numbers") {
  std::int64_t n = 0;
  CHECK(parse_whole(" -12 ", n));
  CHECK(n == -12);
  for (char const* text : {"", "1.0", "1e3", "9223372036854775808", "x", "1x"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_whole(text, n));
  }
}

TEST_CASE("cell: shown on one line whatever it holds") {
  CHECK(shown("a b") == "'a b'");
  CHECK(shown("\n\xff") == "'\\x0a\\xff'");
  CHECK(shown(std::string(40, 'a')) == "'" + std::string(40, 'a') + "'");
  CHECK(shown(std::string(41, 'a')) == "'" + std::string(40, 'a') + "...'");
}
