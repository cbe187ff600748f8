#include "petra/data/words.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace petra::data;
using texts = std::vector<std::string>;

namespace {

texts words_of(std::string_view text, word_settings const& s = {}) {
  texts all;
  for_each_word(text, s, [&](std::string_view w) { all.emplace_back(w); });
  return all;
}

}  // namespace

TEST_CASE("words: runs of letters and digits, marks alone, blanks nowhere") {
  CHECK(words_of("Free entry, WIN \u00a3150!!") == texts{"free", "entry", ",", "win", "\u00a3", "150", "!", "!"});
  CHECK(words_of("  \t ") == texts{});
  CHECK(words_of("") == texts{});
  CHECK(words_of("do n't don't don\u2019t") == texts{"do", "n't", "don't", "don't"});
  CHECK(words_of("feel-good") == texts{"feel", "-", "good"});
  CHECK(words_of("a\u00a0b\u3000c\u2026") == texts{"a", "b", "c", "\u2026"});
  CHECK(words_of("Cr\u00c8me \u041f\u0420\u0418\u0412\u0415\u0422") ==
        texts{"cr\u00e8me", "\u043f\u0440\u0438\u0432\u0435\u0442"});
  CHECK(words_of("x\x01y") == texts{"x", "y"});
}

TEST_CASE("words: settings") {
  CHECK(words_of("Ab, c!", {.lower_case = false}) == texts{"Ab", ",", "c", "!"});
  CHECK(words_of("Ab, c!", {.punctuation = false}) == texts{"ab", "c"});
  CHECK(words_of("a1 0845 2nd", {.digits = false}) == texts{"a0", "0000", "0nd"});
}
