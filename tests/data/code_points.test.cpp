#include "petra/data/utf8.hpp"

#include <doctest/doctest.h>

using namespace petra::data;

TEST_CASE("utf8: every code point is read as it was written") {
  std::uint32_t wrong = 0;
  for (std::uint32_t c = 0; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    std::string s;
    append_utf8(s, c);
    std::uint32_t read = 0;
    wrong += first_code_point(s, read) != s.size() || read != c || valid_utf8(s) != s.size();
    wrong += s.size() > 1 && first_code_point(std::string_view(s).substr(0, s.size() - 1), read) != 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("utf8: the longest valid beginning") {
  CHECK(valid_utf8("") == 0);
  CHECK(valid_utf8("gr\xc3\xbc\xc3\x9f") == 6);
  CHECK(valid_utf8("gr\xfc\xdf") == 2);         // Latin-1
  CHECK(valid_utf8("a\x80") == 1);              // a tail without its head
  CHECK(valid_utf8("a\xc0\x80") == 1);          // overlong
  CHECK(valid_utf8("a\xe0\x9f\xbf") == 1);      // overlong
  CHECK(valid_utf8("a\xed\xa0\x80") == 1);      // a surrogate
  CHECK(valid_utf8("a\xf4\x90\x80\x80") == 1);  // beyond U+10FFFF
  CHECK(valid_utf8("a\xf8\x88\x80\x80\x80") == 1);
  CHECK(valid_utf8("\xf0\x9f\x98") == 0);  // cut
}

TEST_CASE("utf8: lower case of three alphabets") {
  auto const lower = [](std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      std::uint32_t c = 0;
      at += first_code_point(text.substr(at), c);
      append_utf8(out, lower_case(c));
    }
    return out;
  };
  CHECK(lower("Petra 7 [Z]") == "petra 7 [z]");
  CHECK(lower("\u00c4\u00d6\u00dc\u00df\u00d7\u00c9") == "\u00e4\u00f6\u00fc\u00df\u00d7\u00e9");
  CHECK(lower("\u0391\u03a9\u03c2") == "\u03b1\u03c9\u03c2");
  CHECK(lower("\u0401\u041f\u0420\u0418\u0412\u0415\u0422\u042f") ==
        "\u0451\u043f\u0440\u0438\u0432\u0435\u0442\u044f");
}
