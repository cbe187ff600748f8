// Texts that need no file: a few words of praise and blame among many fillers; a negation just before such a word, or one
// adverb before it, turns its meaning. The class is what most of them mean: 0 blame, 1 praise.
//
// Properties: text i is a function of (seed, i, settings), so a longer set begins with the shorter one; classes take
// turns. Integers only: the same bits on every platform.
// Difficulty at the default settings: a bag of words and a linear model 0.69, the same with a second column that joins a
// word with the negation before it 0.94 (3,000 training texts).
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "petra/data/sequences.hpp"

namespace petra::inline PETRA_ABI::data {

struct synthetic_text_settings {
  index_t count = 3000;
  std::uint64_t seed = 1;
  index_t length = 24;  // L, and the most words of a text
  index_t fillers =
      400;  // different words without meaning; of two drawn the earlier is taken, so early ones are frequent
  index_t opinions = 40;  // different words of praise, and as many of blame
};

// Ids of the words: 2 negations, 2 adverbs, praise, blame, fillers.
struct synthetic_words {
  index_t opinions = 0;
  [[nodiscard]] constexpr index_t negation(index_t i) const { return 2 + i; }
  [[nodiscard]] constexpr index_t adverb(index_t i) const { return 4 + i; }
  [[nodiscard]] constexpr index_t opinion(bool praise, index_t i) const { return 6 + (praise ? 0 : opinions) + i; }
  [[nodiscard]] constexpr index_t filler(index_t i) const { return 6 + 2 * opinions + i; }
};

// Throws: setting_error for a setting outside its range. Cost: 0.2 us a text.
template <class = void>
[[nodiscard, gnu::cold]] labeled_sequences synthetic_text(synthetic_text_settings const& s = {}) {
  auto const check = [](char const* name, index_t value, index_t low, index_t high) {
    if (value < low || value > high)
      throw_error<setting_error>({"synthetic_text: ", name, " must lie in [", low, ", ", high, "], found ", value});
  };
  check("count", s.count, 1, 10'000'000);
  check("length", s.length, 12, 10'000);
  check("fillers", s.fillers, 1, 100'000);
  check("opinions", s.opinions, 1, 100'000);

  synthetic_words const word{s.opinions};
  labeled_sequences set;
  set.columns = {{.name = "word", .ids = word.filler(s.fillers)}};
  set.length = s.length;
  set.keep_last = false;
  set.class_count = 2;
  set.class_names = {"blame", "praise"};
  set.start.push_back(0);
  std::vector<index_t> text;
  for (index_t i = 0; i < s.count; ++i) {
    petra::random r(key(s.seed, 0x74657874u, i));
    bool const praise = i % 2 == 1;
    index_t const phrases = 1 + 2 * r.index(2), against = phrases == 3 ? r.index(2) : 0;
    index_t const words = s.length / 3 + r.index(s.length - s.length / 3 + 1);
    text.clear();
    index_t fillers = std::max<index_t>(words - 3 * phrases, 0);  // a phrase has one to three words
    for (index_t p = 0; p <= phrases; ++p) {
      // The fillers before each phrase, the rest behind the last one.
      index_t const here = p == phrases ? fillers : r.index(fillers + 1);
      for (index_t f = 0; f < here; ++f) text.push_back(word.filler(std::min(r.index(s.fillers), r.index(s.fillers))));
      fillers -= here;
      if (p == phrases) break;
      bool const means_praise = p < against ? !praise : praise, negated = r.index(100) < 25;
      if (negated) text.push_back(word.negation(r.index(2)));
      if (r.index(3) == 0) text.push_back(word.adverb(r.index(2)));
      text.push_back(word.opinion(means_praise != negated, r.index(s.opinions)));
    }
    // A negation that turns nothing: the word alone says nothing either.
    if (static_cast<index_t>(text.size()) + 2 <= s.length && r.index(3) == 0) {
      text.push_back(word.negation(r.index(2)));
      text.push_back(word.filler(r.index(s.fillers)));
    }
    for (index_t const id : text) set.x.push_back(static_cast<float>(id));
    set.start.push_back(static_cast<index_t>(set.x.size()));
    set.y.push_back(praise ? 1 : 0);
  }
  return set;
}

}  // namespace petra::data
