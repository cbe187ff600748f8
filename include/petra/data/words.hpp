// Text as words: runs of letters and digits (apostrophes between or before letters belong to them: wo n't, don't), every
// mark of punctuation alone, blanks nowhere.
//
// Properties: any UTF-8; letters beyond ASCII, emoji and other symbols belong to words, so scripts without blanks become
// long words: use bytes for them.
#pragma once
#include <string>
#include <string_view>

#include "petra/core/assert.hpp"
#include "petra/data/code_points.hpp"

namespace petra::inline PETRA_ABI::data {

struct word_settings {
  bool lower_case = true;
  bool punctuation = true;  // false: marks are left out
  bool digits = true;       // false: every digit is read as 0, so that numbers of one length are one word
};

// Calls f(std::string_view) for each word in order. Pre: text is UTF-8.
template <class F>
[[gnu::cold]] void for_each_word(std::string_view text, word_settings const& s, F&& f) {
  enum kind { blank, mark, letter };
  auto const kind_of = [](std::uint32_t c) {
    if (c < 0x80) {
      if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '\'') return letter;
      return c <= ' ' || c == 0x7f ? blank : mark;
    }
    if (c == 0xa0 || c == 0x3000 || c == 0xfeff || (c >= 0x2000 && c <= 0x200b) || (c >= 0x2028 && c <= 0x202f))
      return blank;
    // Latin-1 signs, general punctuation, CJK punctuation. 0x2019 is the apostrophe of typography.
    if (c <= 0xbf || (c >= 0x2010 && c <= 0x206f && c != 0x2019) || (c >= 0x3001 && c <= 0x3003)) return mark;
    return letter;
  };
  std::string word;
  auto const end_word = [&] {
    if (!word.empty()) f(std::string_view(word));
    word.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t c = static_cast<unsigned char>(text[at]);
    std::size_t const n = c < 0x80 ? 1 : first_code_point(text.substr(at), c);
    expects(n > 0, "for_each_word: text is not UTF-8");
    at += n > 0 ? n : 1;
    kind const k = kind_of(c);
    if (k != letter) end_word();
    if (k == blank || (k == mark && !s.punctuation)) continue;
    if (c == 0x2019) c = '\'';
    if (s.lower_case) c = lower_case(c);
    if (!s.digits && c >= '0' && c <= '9') c = '0';
    if (c < 0x80)  // most are: 7 ns instead of 11
      word += static_cast<char>(c);
    else
      append_utf8(word, c);
    if (k == mark) end_word();
  }
  end_word();
}

}  // namespace petra::data
