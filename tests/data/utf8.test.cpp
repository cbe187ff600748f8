#include "petra/data/utf8.hpp"

#include <doctest/doctest.h>

using petra::data::is_utf8;
using petra::data::utf8_prefix;

static_assert(is_utf8("") && is_utf8("plain") && is_utf8("\xc3\xa4"));

TEST_CASE("utf8: the first and the last of every length") {
  for (char const* text : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
  }
}

TEST_CASE("utf8: overlong forms, surrogates, too large, cut and stray bytes") {
  for (char const* text :
       {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(", "\xe2(\xa1", "\xe2\x82("}) {
    CAPTURE(text);
    CHECK_FALSE(is_utf8(text));
    CHECK(utf8_prefix(std::string_view(text)) == 0);
  }
  CHECK(utf8_prefix("ab\xc3\xa4\xff") == 4);
  CHECK(is_utf8(std::string_view("\0x", 2)));
}
