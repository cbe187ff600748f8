#include "petra/data/code_points.hpp"

#include <doctest/doctest.h>

using namespace petra::data;

TEST_CASE("code_points: every code point is read as it was written") {
  std::uint32_t wrong = 0;
  for (std::uint32_t c = 0; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    std::string s;
    append_utf8(s, c);
    std::uint32_t read = 0;
    wrong += first_code_point(s, read) != s.size() || read != c;
    wrong += s.size() > 1 && first_code_point(std::string_view(s).substr(0, s.size() - 1), read) != 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("code_points: what is none") {
  std::uint32_t code = 7;
  for (char const* bad : {"\xfc\xdf", "\x80", "\xc0\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xf8\x88\x80\x80\x80", "\xf0\x9f\x98", ""})
    CHECK(first_code_point(bad, code) == 0);
}

TEST_CASE("code_points: lower case of three alphabets") {
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
