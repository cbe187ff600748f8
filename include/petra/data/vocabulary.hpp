// Values of a category, or words, and their ids: 0 is padding, 1 a value that the training part does not have (or too
// seldom), from 2 on the most frequent value first.
//
// Properties: a vocabulary depends on how often values came, not on their order: values of one count are in order of
// their bytes.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/order.hpp"
#include "petra/core/string_table.hpp"

namespace petra::inline PETRA_ABI::data {

struct vocabulary {
  static constexpr index_t padding = 0, unknown = 1, first = 2;

  string_table values;  // value i has the id i + first

  // Ids lie in [0, ids()).
  [[nodiscard]] index_t ids() const { return values.size() + first; }
  [[nodiscard]] index_t id(std::string_view value) const {
    static_assert(-1 + first == unknown);  // what a table says of a string that never came
    return values.find(value) + first;
  }
  friend bool operator==(vocabulary const&, vocabulary const&) = default;
};

// How often values come, until a vocabulary is made of them.
class value_counts {
 public:
  [[gnu::cold]] void add(std::string_view value) {
    auto const i = static_cast<std::size_t>(values_.insert(value));
    if (i == count_.size()) count_.push_back(0);
    ++count_[i];
  }
  // How many different ones.
  [[nodiscard]] index_t size() const { return values_.size(); }
  [[nodiscard]] string_table const& values() const { return values_; }

  // Of the values that came at least `least_count` times the `most_values` most frequent.
  [[nodiscard, gnu::cold]] vocabulary most_frequent(index_t most_values, index_t least_count = 1) const {
    vocabulary v;
    auto const before = [&](index_t a, index_t b) {
      auto const na = count_[static_cast<std::size_t>(a)], nb = count_[static_cast<std::size_t>(b)];
      return na != nb ? na > nb : values_[a] < values_[b];
    };
    for (index_t const i : ascending(static_cast<std::size_t>(size()), before)) {
      if (v.values.size() >= most_values || count_[static_cast<std::size_t>(i)] < least_count) break;
      v.values.insert(values_[i]);
    }
    return v;
  }

 private:
  string_table values_;
  std::vector<index_t> count_;
};

}  // namespace petra::data
