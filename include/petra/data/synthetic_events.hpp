// Events of clients that need no file: kind, amount and hours since the event before. A client's class shows in the order
// of the kinds: in a share of the steps the next kind follows from the one before by the rule of the class. How often a
// kind comes is the same in all classes; amounts tell a little.
//
// Properties: sequence i is a function of (seed, i, settings), so a longer set begins with the shorter one; classes take
// turns. Integers until the last division: the same bits on every platform. The normalization is the generator's own.
// Difficulty at the default settings, 2 classes: aggregates and a linear model 0.62, pairs of kinds and a linear model
// 0.96 (2,000 training sequences).
#pragma once
#include <algorithm>
#include <string>

#include "petra/data/sequences.hpp"

namespace petra::inline PETRA_ABI::data {

struct synthetic_event_settings {
  index_t count = 2000;
  std::uint64_t seed = 1;
  index_t classes = 2;
  index_t length = 40;    // L, and steps of the longest sequence
  index_t shortest = 10;  // steps
  index_t kinds = 8;
};

// Throws: setting_error for a setting outside its range. Cost: 1 us a sequence.
template <class = void>
[[nodiscard, gnu::cold]] labeled_sequences synthetic_events(synthetic_event_settings const& s = {}) {
  auto const check = [](char const* name, index_t value, index_t low, index_t high) {
    if (value < low || value > high)
      throw_error<setting_error>({"synthetic_events: ", name, " must lie in [", low, ", ", high, "], found ", value});
  };
  check("count", s.count, 1, 10'000'000);
  check("length", s.length, 1, 10'000);
  check("shortest", s.shortest, 1, s.length);
  check("kinds", s.kinds, 3, 1000);
  check("classes", s.classes, 2, s.kinds - 1);

  labeled_sequences set;
  set.columns = {{.name = "kind", .ids = s.kinds + 2},
                 {.name = "amount", .mean = 26.f, .deviation = 23.f},
                 {.name = "hours", .mean = 16.f, .deviation = 15.f}};
  set.length = s.length;
  set.class_count = s.classes;
  for (index_t c = 0; c < s.classes; ++c) set.class_names.push_back("rule " + std::to_string(c));
  set.start.push_back(0);
  for (index_t i = 0; i < s.count; ++i) {
    petra::random r(key(s.seed, 0x6576656e74u, i));
    index_t const label = i % s.classes, steps = s.shortest + r.index(s.length - s.shortest + 1);
    index_t kind = r.index(s.kinds);
    for (index_t t = 0; t < steps; ++t) {
      index_t const other = r.index(s.kinds);
      kind = r.index(100) < 25 ? (kind + 1 + label) % s.kinds : other;
      // The product of two uniform numbers is skewed as amounts are. Class c has 10 c percent more.
      index_t const cents = r.index(1000) * r.index(1000) * (100 + 10 * label) / 10'000;
      bool const burst = r.index(3) == 0;
      set.x.push_back(static_cast<float>(kind + 2));
      set.x.push_back(static_cast<float>(cents) / 100.f);
      set.x.push_back(static_cast<float>(burst ? r.index(4) : r.index(48)));
    }
    set.start.push_back(set.start.back() + steps);
    set.y.push_back(static_cast<std::int32_t>(label));
  }
  return set;
}

}  // namespace petra::data
